"""`make bench-clouds`: what the program costs beside the cloud, in simulated clouds.

The time of an `up` and a `preview` with nothing to do, beside those of a program that has as many
resources of the same two providers and nothing else; how both grow with the number of releases;
and how many bakes a change costs, beside dstack's workflow, which bakes every image for each.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from aws_world import AwsWorld
from cloud_stack import CloudStack
from literal_pulumi import Pulumi, all_unchanged
from moto_account import MotoAccount

_TIMES = 3
_RELEASES = (1, 5, 20)
_BARE = '''\
"""As many resources as a stack has, and nothing else."""

import pulumi
import pulumi_aws as aws
from pulumi_command import local

config = pulumi.Config()
services = dict.fromkeys(("ec2", "ssm", "sts"), config.require("endpoint"))
provider = aws.Provider("aws", region="eu-west-1", endpoints=[services])
for number in range(config.require_int("commands")):
    local.Command(f"c{number}", create="true")
for number in range(config.require_int("others")):
    aws.ssm.Parameter(
        f"p{number}",
        name=f"/bench/{number}",
        type="String",
        value="x",
        opts=pulumi.ResourceOptions(provider=provider),
    )
'''
_PROJECT = """\
name: bare
runtime:
  name: python
  options:
    virtualenv: .venv
"""


def main() -> None:
    console = Console()
    times = Table("releases in prod", "resources", "what", "ours", "bare", "ratio", "at most")
    with tempfile.TemporaryDirectory(prefix="dstack-bench-") as name, MotoAccount() as account:
        folder = Path(name)
        prod = CloudStack.open(folder, AwsWorld(account), "prod")
        for count in _RELEASES:
            prod.configure(releases=[f"0.{14 + number}" for number in range(count)])
            prod.pulumi.up()
            resources = len(prod.pulumi.resources())
            bare = _bare(folder / f"bare-{count}", prod, account.address)
            for what in ("up", "preview"):
                ours, beside = _median(prod.pulumi, what), _median(bare, what)
                ratio = f"{ours / beside:.2f}"
                limit = "1.3" if count == 1 else ""
                times.add_row(
                    str(count), str(resources), what, f"{ours:.1f}", f"{beside:.1f}", ratio, limit
                )
        account.reset()
        bakes = _bakes(CloudStack.open(folder / "bakes", AwsWorld(account)))
    console.print(times)
    console.print(bakes)


def _bare(folder: Path, beside: CloudStack, endpoint: str) -> Pulumi:
    """The bare program with as many commands and others as the stack has, up."""
    commands = len(beside.pulumi.resources("command:local:Command"))
    others = len(beside.pulumi.resources()) - commands
    project = folder / "project"
    project.mkdir(parents=True)
    (project / "Pulumi.yaml").write_text(_PROJECT, encoding="utf-8")
    (project / "__main__.py").write_text(_BARE, encoding="utf-8")
    (project / ".venv").symlink_to(beside.project / ".venv")
    pulumi = Pulumi(project, folder / "pulumi", "bare", beside.pulumi.env).init()
    pulumi.set_config("bare:endpoint", endpoint)
    pulumi.set_config("bare:commands", str(commands))
    pulumi.set_config("bare:others", str(others))
    pulumi.up()
    return pulumi


def _median(pulumi: Pulumi, what: str) -> float:
    run = pulumi.up if what == "up" else pulumi.preview

    def seconds() -> float:
        began = time.monotonic()
        done = run()
        if what == "up" and not all_unchanged(done):
            raise RuntimeError(f"there was something to do:\n{done.output}")
        return time.monotonic() - began

    return median(seconds() for _ in range(_TIMES))


def _bakes(staging: CloudStack) -> Table:
    """Bakes per change. The workflow bakes both AWS images for each."""
    table = Table("change to staging", "bakes", "dstack's workflow")
    changes: list[tuple[str, Callable[[], None]]] = [
        ("the first up", lambda: None),
        ("nothing", lambda: None),
        ("packer/provision/cuda.sh", lambda: staging.edit("packer/provision/cuda.sh")),
        ("packer/provision/docker.sh", lambda: staging.edit("packer/provision/docker.sh")),
        ("packer/checks/docker.sh", lambda: staging.edit("packer/checks/docker.sh")),
        ("another release", lambda: staging.configure(releases=["0.15"])),
        ("another region", lambda: staging.configure_cloud(regions=["eu-west-1", "us-east-1"])),
    ]
    for what, change in changes:
        before = staging.runs()[0]
        change()
        staging.up()
        table.add_row(what, str(staging.runs()[0] - before), "2")
    return table


if __name__ == "__main__":
    main()
