"""What of a stack's own outputs says what it had published in a gallery."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from components.azure import previous
from components.azure.previous import PreviousPublication, previous_publication
from images.azure import AzureGallery
from tests.fakes.contracts import azure_place, contract_json, image
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit

BAKED = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
GALLERY = AzureGallery(
    name="images",
    public_name="images-1",
    definition_id="/definition",
    version="2026.1124.153000",
    version_id="/version",
    replicas={"westeurope": 2},
    end_of_life=None,
)


def published(name: str, gallery: AzureGallery | None) -> Any:
    place = azure_place("sub", "names", "westeurope", gallery=gallery)
    return image(name, place, finished_at=BAKED)


def found(monkeypatch: pytest.MonkeyPatch, contract: Any) -> dict[str, PreviousPublication]:
    outputs = {} if contract is None else {"contract": contract}
    monkeypatch.setattr(previous, "own_outputs", lambda _stack: outputs)
    return previous_publication(stack_of())


def without_null(document: Any) -> Any:
    """As Pulumi hands outputs to a program."""
    if isinstance(document, dict):
        return {key: without_null(each) for key, each in document.items() if each is not None}
    return [without_null(each) for each in document] if isinstance(document, list) else document


def contract() -> Any:
    dated = GALLERY.model_copy(update={"end_of_life": date(2028, 11, 23)})
    told = contract_json(
        published("dstack-0.14", GALLERY),
        published("dstack-cuda-0.14", dated),
        published("dstack-grid-0.14", None),
    )
    return without_null(json.loads(told))


def test_what_galleries_have_is_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    told = found(monkeypatch, contract())
    assert {name: (one.replicas, one.end_of_life) for name, one in told.items()} == {
        "dstack-0.14": ({"westeurope": 2}, None),
        "dstack-cuda-0.14": ({"westeurope": 2}, date(2028, 11, 23)),
    }
    assert {one.built_at for one in told.values()} == {BAKED}


def test_an_image_that_cannot_be_read_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a retired release that was forgotten, the version would be sent without its date."""
    odd = contract()
    first, *_ = odd["releases"][0]["images"]
    first["content"]["built_at"] = "the day before"
    odd["written_by"] = "another version of this program"
    assert set(found(monkeypatch, odd)) == {"dstack-cuda-0.14"}


@pytest.mark.parametrize(
    "contract", [None, {}, "text", {"releases": {"0.14": {}}}, {"releases": [1]}]
)
def test_outputs_of_another_shape_tell_nothing(
    monkeypatch: pytest.MonkeyPatch, contract: Any
) -> None:
    assert found(monkeypatch, contract) == {}
