"""The newest version of an image of the marketplace."""

from bakery.azure import clients
from bakery.azure.source import resolved
from config.azure import Azure
from ops.azure.subscription import subscription

_PARTS = 3


def newest(chosen: Azure, source: str) -> str:
    """The image with its version, in the stack's location."""
    kind = ":".join(source.split(":")[:_PARTS])
    with clients.translate_errors(f"looking for {kind} in {chosen.location}"):
        return resolved(subscription(chosen.endpoint), chosen.location, kind).name
