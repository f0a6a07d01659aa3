"""What is in the subscription already, and whether a stack may have it.

Pulumi makes what its state does not know, and Azure refuses to make what is there. So the stack
looks first: what it made itself in an earlier life is taken over, and what is somebody else's is
left alone unless the configuration says to use it. That is a mistake of configuration (UserError),
which stops the clouds all together; where Azure does not say, it is not reached (NotReached).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.account import Subscription
from config.azure import Azure
from config.stack import Stack
from images.errors import NotReached, UserError
from images.regions import plain_region
from images.tags import STACK, whose

#: How azure-native words an answer: `Status=404 Code="..." Message="..."`. Of codes there are many:
#: ResourceGroupNotFound, ResourceNotFound, ParentResourceNotFound of what is in nothing.
_ABSENT = re.compile(r"\bStatus=404\b")


@dataclass(frozen=True)
class Ownership:
    """What a stack may do with a name: make it, take it over (`id`), or use it as it is.

    `location` is where it is, or is to be.
    """

    name: str
    location: str
    adopted: bool = False
    id: str | None = None


def claim_groups(stack: Stack, chosen: Azure, of: Subscription) -> dict[str, Ownership]:
    """Return who owns the groups of content, builds and names, in this order. Raises UserError for
    what cannot be had.
    """
    wanted = {
        chosen.packer_group: chosen.packer_location,
        chosen.builds_in: chosen.location,
        chosen.resource_group: chosen.location,
    }
    return {name: _claim_group(name, where, stack, chosen, of) for name, where in wanted.items()}


def _claim_group(
    name: str, location: str, stack: Stack, chosen: Azure, of: Subscription
) -> Ownership:
    """Return who owns a resource group, which is made in this location. Raises UserError.

    One that is there may be elsewhere, since Azure keeps resources of any location in it; but
    Packer makes machines where their group is.
    """
    try:
        found = azure.resources.get_resource_group(
            resource_group_name=name, opts=pulumi.InvokeOptions(provider=of.provider)
        )
    except Exception as error:
        _must_be_absent(error, name)
        # Listed in `adopt` too: prod lists what staging makes, and neither has to be the first.
        return Ownership(name, location)
    where = plain_region(found.location)
    if name == chosen.builds_in and where != chosen.location:
        raise UserError(
            f"the resource group {name} is in {where}, and dstack-images:clouds.azure.location is "
            f"{chosen.location}: Packer makes machines where their group is, and Azure images "
            "where their disks are. Choose another dstack-images:clouds.azure.buildGroup"
        )
    tags = found.tags or {}
    if tags.get(STACK) == stack.name:
        return Ownership(name, where, id=found.id)
    return _somebodys("resource group", name, where, tags, chosen)


def claim_gallery(name: str, stack: Stack, chosen: Azure, of: Subscription) -> Ownership:
    """Return who owns a gallery in the group of publication. Raises UserError where it cannot be
    the stack's.
    """
    try:
        found = azure.compute.get_gallery(
            resource_group_name=chosen.resource_group,
            gallery_name=name,
            opts=pulumi.InvokeOptions(provider=of.provider),
        )
    except Exception as error:
        _must_be_absent(error, name)
        if name in chosen.adopt:
            raise UserError(
                f"dstack-images:clouds.azure.adopt: there is no gallery {name} in "
                f"{chosen.resource_group}; take it off the list, and the stack makes it"
            ) from None
        return Ownership(name, chosen.location)
    where, tags = plain_region(found.location), found.tags or {}
    if where != chosen.location:
        raise UserError(
            f"the gallery {name} is in {where}, and dstack-images:clouds.azure.location is "
            f"{chosen.location}: everyone sees images of its own location only. Choose that "
            "location, or another gallery"
        )
    if name not in chosen.adopt and tags.get(STACK) == stack.name:
        return Ownership(name, where, id=found.id)
    return _somebodys("gallery", name, where, tags, chosen)


def _somebodys(
    kind: str, name: str, where: str, tags: Mapping[str, str], chosen: Azure
) -> Ownership:
    """Return the ownership of what the stack has not made. Raises UserError unless it is to be used
    as it is.
    """
    if name in chosen.adopt:
        return Ownership(name, where, adopted=True)
    raise UserError(
        f"the {kind} {name} exists already and belongs to {whose(tags)}. To use it as it "
        "is, add it to dstack-images:clouds.azure.adopt; or choose another name"
    )


def is_absent(error: Exception) -> bool:
    """Whether the provider says that there is no such thing."""
    return _ABSENT.search(str(error)) is not None


def _must_be_absent(error: Exception, name: str) -> None:
    """Raises NotReached where it is another answer than that there is no such thing."""
    if not is_absent(error):
        raise NotReached(f"Azure does not say whether there is {name}: {error}") from None
