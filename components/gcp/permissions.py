"""What baking, verifying and publishing need of Compute Engine, and no more.

What each permission is asked for is in the reference of each method ("Compute Engine API"); what
Packer calls is in packer-plugin-googlecompute, lib/common/driver_gce.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from config.fields import Github
from images.catalog import PROTECTED_VERSIONS
from images.naming import BAKES

#: To look, and to make new things; nothing that there is can be changed with these.
MAKE = (
    "compute.disks.create",
    "compute.disks.get",
    "compute.disks.list",
    "compute.disks.useReadOnly",  # an image is made of the machine's disk
    "compute.globalOperations.get",
    "compute.images.create",
    "compute.images.get",
    "compute.images.getFromFamily",
    "compute.images.getIamPolicy",
    "compute.images.list",
    "compute.images.useReadOnly",
    "compute.instances.create",
    "compute.instances.get",
    "compute.instances.getSerialPortOutput",  # Packer reads it when it removes a machine
    "compute.instances.list",
    "compute.instances.setLabels",
    "compute.instances.setMetadata",  # Packer's key of the run
    "compute.machineTypes.get",
    "compute.projects.get",
    "compute.subnetworks.use",
    "compute.subnetworks.useExternalIp",
    "compute.zoneOperations.get",
    "compute.zones.get",
    "resourcemanager.projects.get",  # whether there is access at all
)
#: To change and remove, which is limited to what goes by names of the stack.
CHANGE = (
    "compute.disks.delete",
    "compute.images.delete",
    "compute.images.deprecate",  # Packer asks for it always, if only to say "active"
    "compute.images.setLabels",
    "compute.images.update",
    "compute.instances.delete",
)
#: Of a public stack alone.
OPEN = ("compute.images.setIamPolicy",)


@dataclass(frozen=True)
class Scope:
    """What the permissions of a stack end at: names of images begin with one of `names`."""

    project: str
    zone: str
    names: Sequence[str]
    public: bool


def change(scope: Scope) -> list[str]:
    """What the stack may change of its own."""
    return [*CHANGE, *(OPEN if scope.public else ())]


def own_names(scope: Scope) -> str:
    """A condition in IAM's language: what is the stack's, and bakes, which are any stack's.

    Released images that cannot be made again are out of reach, whatever their names begin with.
    """
    images = f"projects/{scope.project}/global/images/"
    zone = f"projects/{scope.project}/zones/{scope.zone}/"
    begins = [f"{images}{name}" for name in (BAKES, *scope.names)]
    protected = [f"-{version.replace('.', '-')}" for version in sorted(PROTECTED_VERSIONS)]
    of_stack = " || ".join(f'resource.name.startsWith("{begin}")' for begin in begins)
    for_ever = " && ".join(f'!resource.name.endsWith("{end}")' for end in protected)
    run = " || ".join(
        f'resource.name.startsWith("{zone}{kind}/{BAKES}")' for kind in ("instances", "disks")
    )
    return f"(({of_stack}) && {for_ever}) || {run}"


def only_ssh() -> str:
    """A condition of tunnels through Identity-Aware Proxy."""
    return "destination.port == 22"


def of_environment(github: Github) -> str:
    """A condition of GitHub's tokens, compared as a whole: a pattern lets pull requests in.

    Of claims that have their own names; the subject, which has two forms, is not among them.
    """
    claims = {"repository": github.name, "environment": github.environment}
    if github.ids is not None:
        claims["repository_owner_id"], claims["repository_id"] = github.ids
    return " && ".join(f'assertion.{claim} == "{value}"' for claim, value in claims.items())
