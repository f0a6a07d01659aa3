"""Tags of what Pulumi makes in AWS."""

from config.stack import Stack
from images.tags import STACK


def resource_tags(stack: Stack, name: str) -> dict[str, str]:
    """Return the tags of one resource: GitHub's role may touch what has the stack's."""
    return {STACK: stack.name, "Name": name}
