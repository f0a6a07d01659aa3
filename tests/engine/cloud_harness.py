"""What a test of stacks has to know of a cloud. One module beside this for each."""

from typing import Any, Protocol


class CloudHarness(Protocol):
    """One simulated cloud."""

    cloud: str
    #: Type of the resource that is a published name in one place.
    publication: str
    #: Where the committed prod stack publishes.
    prod_places: tuple[str, ...]
    #: A place that the committed staging stack does not have; None where images are global.
    another_place: str | None

    def name(self, name: str) -> str:
        """An image's name as this cloud takes it."""
        ...

    def env(self) -> dict[str, str]:
        """Credentials."""
        ...

    def other_env(self) -> dict[str, str]:
        """The same person's credentials after they were rotated."""
        ...

    #: What the user reads, at least, for each kind of broken credentials.
    credentials_words: dict[str, str]

    def broken_env(self, which: str) -> dict[str, str]:
        """Credentials that are missing ("none") or no longer valid ("expired")."""
        ...

    def settle(self, section: dict[str, Any]) -> None:
        """Makes the committed settings of the cloud ones that work in the simulation."""
        ...

    def published(self) -> dict[str, list[str]]:
        """Place to the names of all that is published there, bakes left out."""
        ...

    def is_public(self, place: str, name: str) -> bool:
        """Whether everyone may boot it."""
        ...

    def bakes(self) -> list[str]:
        """Names of the content in the home region, whole or not."""
        ...

    def squat(self, name: str) -> None:
        """Somebody else's image of the account takes a name that a stack wants."""
        ...

    def remove(self, place: str, name: str) -> None:
        """Somebody removes a published image by hand."""
        ...
