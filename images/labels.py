"""Tags as labels of Google Cloud, whose values are lower-case words of at most 63 characters.

Source: Compute Engine, "Organize resources using labels".
"""

import re
from collections.abc import Mapping

LONGEST = 63
_KEY = re.compile(r"[a-z][a-z0-9_-]*")
_FOREIGN = re.compile(r"[^a-z0-9_-]")


def label(value: str) -> str:
    """The value as a label has it. A digest of 64 digits loses the last one."""
    return _FOREIGN.sub("-", value.lower())[:LONGEST]


def labels(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that can be labels: `Name` is none."""
    return {key: label(value) for key, value in tags.items() if _KEY.fullmatch(key)}
