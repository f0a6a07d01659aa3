"""What tells others of a stack's images: contract, page and streams, as files of one folder.

Each document is whole by itself. `streams.json` names the contract that it was made of by its
checksum, and that contract stays where it is: who reads both gets what belongs together.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from bakery.records.documents import Document
from images import contract as of_contract
from images import streams as of_streams
from images.contract_reader import read
from images.record import BakeRecord

_JSON, _HTML = "application/json", "text/html; charset=utf-8"
#: Below it are documents that never change.
CONTRACTS = "contracts/"


def catalog_documents(
    text: str, records: Mapping[str, BakeRecord], sboms: Path | None
) -> Iterator[Document]:
    """Page and streams of the contract in `text`, the latter last. Raises UserError."""
    # It takes a moment to load, and other commands do without.
    from ops.page.render import render

    contract = read(text)
    for version, document in of_streams.archived(contract, text).items():
        yield Document(f"archive/{version}.json", document.encode(), _JSON)
    yield Document("catalog.html", render(contract, records, sboms).encode(), _HTML)
    yield Document("streams.json", of_streams.streams(contract, text).encode(), _JSON)


def published_documents(
    text: str, records: Mapping[str, BakeRecord], sboms: Path | None
) -> Iterator[Document]:
    """All of it in the order in which it can be replaced while others read. Raises UserError."""
    body = text.encode()
    yield Document(f"{CONTRACTS}{hashlib.sha256(body).hexdigest()}.json", body, _JSON)
    yield Document("contract.schema.json", of_contract.schema().encode(), _JSON)
    yield Document("streams.schema.json", of_streams.schema().encode(), _JSON)
    yield Document("contract.json", body, _JSON)
    yield from catalog_documents(text, records, sboms)
