"""What is in the subscription already, and whether a stack may have it.

Pulumi makes what its state does not know, and Azure refuses to make what is there. So the stack
looks first: what it made itself in an earlier life is taken over, and what is somebody else's is
left alone unless the configuration says to use it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.account import Subscription
from components.azure.settings import Azure
from images.errors import Mistake
from images.regions import plain_region
from images.tags import STACK, whose

#: How azure-native words an answer: `Status=404 Code="..." Message="..."`. Of codes there are many:
#: ResourceGroupNotFound, ResourceNotFound, ParentResourceNotFound of what is in nothing.
_ABSENT = re.compile(r"\bStatus=404\b")


@dataclass(frozen=True)
class Claim:
    """What a stack may do with a name: make it, take it over (`id`), or use it as it is."""

    name: str
    adopted: bool = False
    id: str | None = None


@dataclass(frozen=True)
class _Found:
    id: str
    location: str
    tags: Mapping[str, str]


def claim_group(name: str, chosen: Azure, of: Subscription) -> Claim:
    """Of a resource group. Raises Mistake where it cannot be the stack's."""
    try:
        found = azure.resources.get_resource_group(
            resource_group_name=name, opts=pulumi.InvokeOptions(provider=of.provider)
        )
    except Exception as error:
        return _claim("resource group", name, _absent(error, name), chosen)
    there = _Found(found.id, found.location, found.tags or {})
    return _claim("resource group", name, there, chosen)


def claim_gallery(name: str, chosen: Azure, of: Subscription) -> Claim:
    """Of a gallery in the group of publication. Raises Mistake where it cannot be the stack's."""
    try:
        found = azure.compute.get_gallery(
            resource_group_name=chosen.resource_group,
            gallery_name=name,
            opts=pulumi.InvokeOptions(provider=of.provider),
        )
    except Exception as error:
        return _claim("gallery", name, _absent(error, name), chosen)
    return _claim("gallery", name, _Found(found.id, found.location, found.tags or {}), chosen)


def _claim(kind: str, name: str, found: _Found | None, chosen: Azure) -> Claim:
    adopted = name in chosen.adopt
    if found is None:
        if adopted:
            raise Mistake(
                f"dstack-images:clouds.azure.adopt: there is no {kind} {name} in this "
                "subscription; take it off the list, and the stack makes it"
            )
        return Claim(name)
    if plain_region(found.location) != chosen.location:
        raise Mistake(
            f"the {kind} {name} is in {found.location}, and dstack-images:clouds.azure.location "
            f"is {chosen.location}: Azure makes images where their disks are, so that both must be "
            f"the same. Choose that location, or another {kind}"
        )
    if adopted:
        return Claim(name, adopted=True)
    if found.tags.get(STACK) != pulumi.get_stack():
        raise Mistake(
            f"the {kind} {name} exists already and belongs to {whose(found.tags)}. To use it as it "
            "is, add it to dstack-images:clouds.azure.adopt; or choose another name"
        )
    return Claim(name, id=found.id)


def is_absent(error: Exception) -> bool:
    """Whether the provider says that there is no such thing."""
    return _ABSENT.search(str(error)) is not None


def _absent(error: Exception, name: str) -> None:
    """Nothing; raises Mistake where it is another answer than that there is no such thing."""
    if not is_absent(error):
        raise Mistake(f"Azure does not say whether there is {name}: {error}") from None
