"""What baking, verifying and publishing need of Compute Engine, and no more.

What each permission is asked for is in the reference of each method ("Compute Engine API"); what
Packer calls is in packer-plugin-googlecompute, lib/common/driver_gce.go.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from config.fields import Github
from images.catalog import PROTECTED_VERSIONS, ImageKey
from images.errors import UserError
from images.naming import BAKES

#: How names begin that dstack's server looks for.
_FIRST = f"{ImageKey('gcp', 'cpu').stem}-"
#: To look, and to make what is new. None of it changes what there is; of what others made, images
#: can be read, since a variant may start from one of any name.
MAKE = (
    "compute.disks.create",
    "compute.disks.get",
    "compute.disks.list",
    "compute.globalOperations.get",
    "compute.images.create",
    "compute.images.get",
    "compute.images.getFromFamily",
    "compute.images.getIamPolicy",
    "compute.images.list",
    "compute.images.useReadOnly",
    "compute.instances.create",
    "compute.instances.get",
    "compute.instances.list",
    "compute.machineTypes.get",
    "compute.projects.get",
    "compute.subnetworks.use",
    "compute.subnetworks.useExternalIp",
    "compute.zoneOperations.get",
    "compute.zones.get",
    "resourcemanager.projects.get",  # whether there is access at all
)
#: With machines and disks, which is limited to those of bakes. Who sets a machine's metadata logs
#: in to it as root ("Manage access to VM instances"); who reads a disk has what is on it.
RUN = (
    "compute.disks.delete",
    "compute.disks.useReadOnly",  # an image is made of the machine's disk
    "compute.instances.delete",
    "compute.instances.getSerialPortOutput",  # Packer reads it when it removes a machine
    "compute.instances.setLabels",
    "compute.instances.setMetadata",  # Packer's key of the run
)
#: With images, which is limited to what goes by names of the stack.
CHANGE = (
    "compute.images.delete",
    "compute.images.deprecate",  # Packer asks for it always, if only to say "active"
    "compute.images.setLabels",
    "compute.images.update",
)
#: Of a public stack alone.
OPEN = ("compute.images.setIamPolicy",)
#: How names of released images end that were made by hand, besides PROTECTED_VERSIONS: servers boot
#: them, and nothing here can make them again (docs/gcp.md, "The first release").
_BY_HAND = ("-0-11", "-0-12", "-0-13", "-0-14", "-a3mega-5")
#: "Quotas and limits" of IAM: "Logic operators in a role binding's condition expression".
MOST_OPERATORS = 12


@dataclass(frozen=True)
class Scope:
    """What the permissions of a stack end at: names of images begin with one of `names`, and
    none of them is among `sources`.
    """

    project: str
    names: Sequence[str]
    sources: Sequence[str]
    public: bool


def change(scope: Scope) -> list[str]:
    """What the stack may change of its own."""
    return [*CHANGE, *(OPEN if scope.public else ())]


def own_names(scope: Scope) -> str:
    """A condition of images in IAM's language: what is the stack's, and bakes, which are any
    stack's.

    Images that cannot be made again are out of reach, whatever their names begin with: releases
    that were made by hand, and what variants start from. Raises UserError for more names than a
    condition has room for.
    """
    images = f"projects/{scope.project}/global/images/"
    names = {BAKES, *scope.names}
    begins = sorted(one for one in names if not any(one.startswith(by) for by in names - {one}))
    of_stack = " || ".join(f'resource.name.startsWith("{images}{begin}")' for begin in begins)
    kept = [
        f'resource.name == "{images}{source}"'
        for source in sorted(set(scope.sources))
        if source.startswith(tuple(begins))
    ]
    if _FIRST in begins:  # Releases made by hand have no prefix; with one, names may end as theirs.
        old = [f"-{version.replace('.', '-')}" for version in sorted(PROTECTED_VERSIONS)]
        kept += [f'resource.name.endsWith("{end}")' for end in (*old, *_BY_HAND)]
    found = f"({of_stack}) && !({' || '.join(kept)})" if kept else of_stack
    if (more := len(re.findall(r"\|\||&&|!", found)) - MOST_OPERATORS) > 0:
        raise UserError(
            "dstack-images:clouds.gcp: the account of `github` may change images by how their "
            f"names begin ({', '.join(begins)}), which is {more} too many for a condition of "
            f"Google's; let `names` of variants begin with {_FIRST}"
        )
    return found


def own_machines() -> str:
    """A condition of machines and disks: those of bakes, in whichever zone."""
    return " || ".join(
        f'resource.name.extract("/{kind}/{{name}}").startsWith("{BAKES}")'
        for kind in ("instances", "disks")
    )


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
