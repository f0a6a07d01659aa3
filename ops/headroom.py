"""What a limit leaves for a stack."""

from images.record import Fact


class Headroom(Fact):
    """One limit in one place. `needed` comes to what is there already, at most.

    `pending` is a larger limit that was asked for, `request` how to ask for enough; `unknown` says
    why nothing can be said, `note` what was not counted.
    """

    cloud: str
    where: str
    what: str
    limit: int | None
    used: int
    needed: int
    request: str = ""
    pending: int | None = None
    note: str = ""
    unknown: str = ""

    @property
    def wanted(self) -> int:
        """The limit that would do."""
        return self.used + self.needed

    @property
    def too_small(self) -> bool:
        """Whether publishing would fail."""
        return self.limit is not None and self.wanted > self.limit
