"""Tags of what Pulumi makes in AWS."""

from collections.abc import Mapping

from images.tags import STACK


def tagged(stack: str, name: str, given: Mapping[str, str]) -> dict[str, str]:
    """The given tags, and the two that nobody may give differently: permissions rest on them."""
    return {**given, STACK: stack, "Name": name}
