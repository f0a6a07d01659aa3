"""The contract reaches state and other repositories as plain text: it has no room for secrets."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from images.contract import Contract, contract, schema
from images.local import LocalPlace

pytestmark = pytest.mark.unit

SECRET = re.compile(r"secret|token|password|passphrase|credential|private|(^|_)key", re.IGNORECASE)


def fields(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        yield from document.get("properties", {})
        for value in document.values():
            yield from fields(value)
    elif isinstance(document, list):
        for value in document:
            yield from fields(value)


def test_no_field_asks_for_a_secret() -> None:
    names = set(fields(json.loads(schema())))
    assert {"ami", "self_link", "sha256", "bake"} <= names, "all of the document is looked at"
    assert not [name for name in names if SECRET.search(name)]


def test_nothing_unknown_gets_in() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        LocalPlace.model_validate({"path": "/x", "size_bytes": 1, "sha256": "2", "token": "x"})


def test_document_without_images_is_whole() -> None:
    empty = contract("s", "", [])
    assert Contract.model_validate_json(empty.model_dump_json()) == empty
    assert (empty.schema_version, empty.current, empty.server_env) == (2, None, None)
