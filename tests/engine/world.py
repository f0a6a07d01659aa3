"""What a test of stacks has to know of a cloud. One module beside this for each."""

from typing import Any, Protocol


class World(Protocol):
    """One simulated cloud."""

    cloud: str

    def env(self) -> dict[str, str]:
        """Credentials."""
        ...

    def settle(self, section: dict[str, Any]) -> None:
        """Makes the committed settings of the cloud ones that work in the simulation."""
        ...

    def published(self) -> dict[str, list[str]]:
        """Place to the names of all that is published there, bakes left out."""
        ...

    def bakes(self) -> list[str]:
        """Names of the content in the home region, whole or not."""
        ...
