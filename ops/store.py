"""Where stacks keep records, package lists and bills of materials of their bakes."""

from typing import Protocol

from bakery.records.documents import Document


class Documents(Protocol):
    """Documents of one stack in one cloud, by keys such as `records/<bake>.json`."""

    def get(self, key: str) -> bytes | None:
        """None where there is no such document. Raises UserError where nobody may look."""
        ...

    def put(self, document: Document) -> None:
        """Keeps it. Raises UserError."""
        ...
