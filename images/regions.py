"""Regions that exist, so that a misspelt one is told before anything runs.

Clouds open new ones at any time: one of a right shape that is not listed is a doubt, no mistake.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self


@dataclass(frozen=True)
class Regions:
    """The regions of a cloud when they were written down, and how regions are written there."""

    names: frozenset[str]
    shape: re.Pattern[str]

    @classmethod
    def of(cls, names: str, shape: str) -> Self:
        """Names with white space between them; the shape is a pattern for one."""
        return cls(frozenset(names.split()), re.compile(shape))

    def could_have(self, name: str) -> bool:
        """Whether the cloud has such a region, or may have opened it."""
        return name in self.names or self.shape.fullmatch(name) is not None

    def doubt(self, cloud: str, name: str) -> str | None:
        """What is to be said of a region that was not there when they were written down."""
        if name in self.names:
            return None
        near = get_close_matches(name, sorted(self.names), n=1)
        meant = f"; if it is misspelt, {near[0]} is meant" if near else ""
        return f"{cloud} is not known to have a region {name}, which may be new{meant}"


def plain_region(name: str) -> str:
    """A region of Azure as configuration has it: Azure itself answers with `West Europe` too."""
    return name.replace(" ", "").lower()
