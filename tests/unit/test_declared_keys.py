"""Pulumi.yaml declares the keys to Pulumi, the settings to the program: both must agree."""

from typing import Any

import pytest
import yaml

from config.settings import Settings
from unit_samples import NAMESPACE, PROJECT

pytestmark = pytest.mark.unit

TYPES = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}


@pytest.fixture(scope="module")
def declared() -> dict[str, dict[str, Any]]:
    file = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))
    return {key.removeprefix(f"{NAMESPACE}:"): value for key, value in file["config"].items()}


def test_same_keys(declared: dict[str, dict[str, Any]]) -> None:
    assert set(declared) == {field.alias for field in Settings.model_fields.values()}


def test_same_defaults(declared: dict[str, dict[str, Any]]) -> None:
    for field in Settings.model_fields.values():
        stated = declared[field.alias or ""]
        assert ("default" in stated) == (not field.is_required()), field.alias
        if not field.is_required():
            default = field.get_default(call_default_factory=True, validated_data={})
            kind = TYPES[stated["type"]]
            given = default if isinstance(default, kind) else type(default)(**stated["default"])
            assert given == (stated["default"] if isinstance(default, kind) else default)


def test_each_is_described_and_typed(declared: dict[str, dict[str, Any]]) -> None:
    for key, stated in declared.items():
        assert stated["type"] in TYPES, key
        assert len(stated["description"]) > 20, key
