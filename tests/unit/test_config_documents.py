"""What is written from the keys is current, and an editor's schema takes the committed stacks."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from config.documents import DOCUMENTS
from config.keys import every
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_current(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert DOCUMENTS[name](text) == text, "run `python -m config`"


def test_every_key_says_what_it_does() -> None:
    assert not [key.name for key in every() if not key.text]


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    found = json.loads((PROJECT / "config" / "stack.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def stack(name: str) -> dict[str, Any]:
    return yaml.safe_load((PROJECT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["local", "staging", "prod"])
def test_schema_takes_the_committed_stacks(schema: Draft202012Validator, name: str) -> None:
    assert [error.message for error in schema.iter_errors(stack(name))] == []


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("dstack-images:relaeses", ["0.15"], "'dstack-images:relaeses' does not match"),
        ("dstack-images:visibility", "open", "is not one of"),
        ("dstack-images:epoch", -1, "is less than the minimum"),
        ("dstack-images:epoch", "one", "does not match"),
        ("dstack-images:immutable", "yes", "does not match"),
        ("dstack-images:immutable", 1, "is not of type 'boolean', 'string'"),
    ],
)
def test_schema_refuses_what_the_program_refuses(
    schema: Draft202012Validator, key: str, value: object, words: str
) -> None:
    wrong = stack("local")
    wrong["config"][key] = value
    assert words in " ".join(error.message for error in schema.iter_errors(wrong))
