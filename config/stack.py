"""What components know of the stack, made once from its settings and handed down to them."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from config.settings import Settings, living


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of this program. Components ask Pulumi neither for its name nor for its settings.

    `reference` is how other stacks name it: `organization/project/name`. Who may boot the images
    of a `public` one is everyone. What an `immutable` one has published is never baked again;
    `unproven` are names whose content is published nowhere, as it did not pass its verification.
    """

    name: str
    reference: str
    public: bool
    immutable: bool
    prefix: str
    releases: tuple[str, ...]
    retiring: Mapping[str, date]
    verify: bool
    time_limit_minutes: int
    unproven: Container[str] = ()

    @classmethod
    def of(cls, settings: Settings, name: str, reference: str) -> Self:
        """The stack that has these settings."""
        return cls(
            name=name,
            reference=reference,
            public=settings.visibility == "public",
            immutable=settings.immutable,
            prefix=settings.prefix,
            releases=tuple(settings.releases),
            retiring=settings.retiring,
            verify=settings.verify,
            time_limit_minutes=settings.time_limit_minutes,
        )

    @property
    def audience(self) -> str:
        """Who may boot the images, in a word: public or private."""
        return "public" if self.public else "private"

    @property
    def current(self) -> str:
        """The release that a server of today should use: the last one that does not retire.

        There is one wherever there is a release.
        """
        return living(self.releases, self.retiring)[-1]

    @property
    def protect(self) -> bool:
        """Whether what outlives a release (records, identities) cannot be destroyed by accident."""
        return self.immutable

    def keeps(self, name: str) -> bool:
        """Whether what was baked for a name stays, whatever changes."""
        return self.immutable and name not in self.unproven

    def protects(self, release: str) -> bool:
        """Whether what is published of a release cannot be destroyed by accident."""
        return self.immutable and release not in self.retiring
