"""The newest version of an image of the marketplace."""

from bakery.azure import clients
from bakery.azure.source import resolved
from config.azure import Azure
from ops.azure.target import azure_target

_PARTS = 3


def newest(chosen: Azure, source: str) -> str:
    """The image with its version, in the stack's location."""
    kind = ":".join(source.split(":")[:_PARTS])
    target = azure_target(chosen.location, chosen.endpoint, source=kind)
    with clients.translate_errors(f"looking for {kind} in {chosen.location}"):
        return resolved(target).name
