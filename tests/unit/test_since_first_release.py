"""What stacks have kept since 0.15 is read by this program: jobs that undo, answers, records.

The documents of `since_0.15` are as that release's program has written them, into states of Pulumi
and beside content, where they stay for years: a change of a model changes none of them.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bakery.jobs import read_job
from components.command import answer
from images.errors import BakeryError
from images.job import (
    Exported,
    GalleryJob,
    ListingJob,
    OpenGallery,
    Published,
    PublishJob,
    Submitted,
)
from images.local_publication import LocalPublication
from images.record import BakeRecord, Fact, VerificationRecord

pytestmark = pytest.mark.unit

KEPT = Path(__file__).parent / "since_0.15"
UNDO: dict[str, type[Fact]] = {
    "close-gallery": GalleryJob,
    "unpublish": PublishJob,
    "withdraw-listings": ListingJob,
}
ANSWERS: dict[str, type[Fact]] = {
    "bake": BakeRecord,
    "verify": VerificationRecord,
    "check-published": Published,
    "export": Exported,
    "open-gallery": OpenGallery,
    "publish": LocalPublication,
    "submit-listings": Submitted,
}


def kept(name: str) -> str:
    return (KEPT / f"{name}.json").read_text(encoding="utf-8")


def of_another_version(text: str) -> str:
    """With keys that this program does not know."""
    found: dict[str, Any] = json.loads(text)
    if "target" in found:
        found["target"]["of_another_version"] = 1
    return json.dumps({**found, "of_another_version": 1})


def test_every_document_is_read() -> None:
    assert {file.stem for file in KEPT.iterdir()} == {f"{work}.job" for work in UNDO} | set(ANSWERS)


@pytest.mark.parametrize(("work", "model"), UNDO.items())
def test_what_was_made_by_another_version_can_be_undone(work: str, model: type[Fact]) -> None:
    job = read_job(work, model, kept(f"{work}.job"))
    assert read_job(work, model, of_another_version(kept(f"{work}.job"))) == job


def test_a_job_of_today_has_nothing_unknown() -> None:
    with pytest.raises(BakeryError, match="of_another_version"):
        read_job("submit-listings", ListingJob, of_another_version(kept("withdraw-listings.job")))


@pytest.mark.parametrize(("work", "model"), ANSWERS.items())
def test_an_answer_to_another_version_is_read(work: str, model: type[Fact]) -> None:
    text = of_another_version(kept(work))
    command: Any = SimpleNamespace(stdout=SimpleNamespace(apply=lambda read: read(text)))
    # As content's own records are read, which have nothing unknown.
    assert answer(command, model) == model.model_validate_json(kept(work))
