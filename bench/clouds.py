"""`make bench-clouds`: what the program costs beside the cloud, in simulated clouds.

The time of an `up` and a `preview` with nothing to do, beside those of a bare program with as many
resources; how both grow with the number of releases; and how many bakes a change costs, beside
dstack's workflow, which bakes every image for each.
"""

import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.bare import bare
from bench.measured import measure
from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_harness import CloudHarness
from tests.engine.cloud_stack import CloudStack
from tests.engine.gcp_world import GcpWorld
from tests.engine.oci_world import OciWorld
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.project import GcpProject
from tests.simulators.oci.server import OciTenancy

_TIMES = 3
_RELEASES = (1, 5, 20)
#: Seconds: the first `up` copies twenty releases into all regions of Oracle Cloud.
_LONGEST_UP = 1800
_COLUMNS = 140


@contextmanager
def _aws() -> Generator[tuple[CloudHarness, str]]:
    with MotoAccount() as account:
        yield AwsWorld(account), account.address


@contextmanager
def _gcp() -> Generator[tuple[CloudHarness, str]]:
    with GcpProject() as project:
        yield GcpWorld(project), project.address


@contextmanager
def _azure() -> Generator[tuple[CloudHarness, str]]:
    with AzureSubscription() as subscription:
        yield AzureWorld(subscription), subscription.address


@contextmanager
def _oci() -> Generator[tuple[CloudHarness, str]]:
    with OciTenancy() as tenancy:
        yield OciWorld(tenancy), ""


_WORLDS = {"aws": _aws, "azure": _azure, "gcp": _gcp, "oci": _oci}


def main() -> None:
    # In a file the columns would be cut to those of a small terminal.
    console = Console(width=None if sys.stdout.isatty() else _COLUMNS)
    for cloud in sys.argv[1:] or _WORLDS:
        with tempfile.TemporaryDirectory(prefix="dstack-bench-") as name, _WORLDS[cloud]() as found:
            console.print(_times(cloud, *found, Path(name)))
        with tempfile.TemporaryDirectory(prefix="dstack-bench-") as name, _WORLDS[cloud]() as found:
            console.print(_bakes(CloudStack.open(Path(name), found[0])))


def _times(cloud: str, world: CloudHarness, endpoint: str, folder: Path) -> Table:
    columns = ("releases", "resources", "what", "seconds", "bare", "ratio", "at most")
    used = ("processor s", "bare", "ratio", "largest process", "bare")
    table = Table(*columns, *used, title=f"prod on {cloud}, nothing to do")
    prod = CloudStack.open(folder, world, stack="prod")
    prod.pulumi.timeout = _LONGEST_UP
    for count in _RELEASES:
        prod.configure(releases=[f"0.{14 + number}" for number in range(count)])
        prod.up()
        beside = bare(folder / f"bare-{count}", prod, endpoint)
        resources = str(len(prod.pulumi.resources()))
        for what in ("up", "preview"):
            ours, theirs = measure(prod.pulumi, what, _TIMES), measure(beside, what, _TIMES)
            table.add_row(
                *(str(count), resources, what),
                *_ratio(ours.seconds, theirs.seconds),
                "1.3" if count == 1 else "",
                *_ratio(ours.processors, theirs.processors),
                *(f"{each.memory / (1 << 20):.0f} MiB" for each in (ours, theirs)),
            )
        # The next one's resources have the same names.
        beside.destroy()
    return table


def _ratio(ours: float, theirs: float) -> tuple[str, str, str]:
    return f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}"


def _bakes(staging: CloudStack) -> Table:
    """Bakes per change. The workflow bakes both images of the cloud for each."""
    table = Table("change to staging", "bakes", "dstack's workflow")
    changes: list[tuple[str, Callable[[], None]]] = [
        ("the first up", lambda: None),
        ("nothing", lambda: None),
        ("packer/provision/cuda.sh", lambda: staging.edit("packer/provision/cuda.sh")),
        ("packer/provision/docker.sh", lambda: staging.edit("packer/provision/docker.sh")),
        ("packer/checks/docker.sh", lambda: staging.edit("packer/checks/docker.sh")),
        ("another release", lambda: staging.configure(releases=["0.15"])),
    ]
    if place := staging.world.another_place:
        changes.append(("another region", lambda: _add_region(staging, place)))
    for what, change in changes:
        before = staging.runs()[0]
        change()
        staging.up()
        table.add_row(what, str(staging.runs()[0] - before), "2")
    return table


def _add_region(staging: CloudStack, place: str) -> None:
    staging.configure_cloud(regions=[*staging.images()["cpu"], place])


if __name__ == "__main__":
    main()
