"""Published names on Azure, as they are registered."""

import inspect
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from pulumi_azure_native import compute

from components.azure.gallery_image import GalleryImage, GalleryImageArgs, PublicArgs
from components.azure.managed_image import ManagedImage
from components.azure.previous import PreviousPublication
from components.azure.publication import PublicationArgs
from tests.fakes.azure_jobs import target
from tests.unit.registered import Answers, Registered, registered
from tests.unit.unit_samples import PROJECT, bake_record, local_images

pytestmark = pytest.mark.unit

NAME, BAKE = "dstack-0.14", "dstack-bake-cpu-0123456789ab"
BAKED = datetime(2024, 11, 24, 15, 30, tzinfo=UTC)
YOUNG = date(2024, 11, 25)
VERSION = "GalleryImageVersion azure-version"
#: Nobody asks it for anything here.
SUBSCRIPTION: Any = SimpleNamespace(address=None)


def named() -> PublicationArgs:
    group = "/subscriptions/s/resourceGroups/packer/providers/Microsoft.Compute"
    record = bake_record(BAKE, "0" * 64).model_copy(
        update={"finished_at": BAKED, "image_id": f"{group}/images/{BAKE}"}
    )
    return PublicationArgs(
        wanted=replace(local_images(PROJECT)[0], name=NAME),
        group="names",
        location="westeurope",
        record=pulumi.Output.from_input(record),
        tags=pulumi.Output.from_input({"dstack-stack": "staging", "dstack-bake": BAKE}),
        target=target(SUBSCRIPTION),
        credentials=None,
    )


def public_image(
    *regions: str, today: date = YOUNG, before: PreviousPublication | None = None
) -> Registered:
    """Definition and version, with an end of life two years after the bake."""

    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        public = PublicArgs(
            gallery="images",
            public_name="images-1",
            replicas=dict.fromkeys(regions, 1),
            end_of_life_days=730,
            retires={},
            after=pulumi.ComponentResource("test:it:Shared", "shared"),
            previous={NAME: before} if before else {},
            today=today,
        )
        return GalleryImage("azure", GalleryImageArgs(named(), public), opts).id

    return registered(make)


def version(*regions: str, today: date, before: PreviousPublication | None = None) -> Any:
    return public_image(*regions, today=today, before=before).found[VERSION]


@pytest.fixture(autouse=True)
def held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(self: Answers, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {"publishingProfile": {"excludeFromLatest": True}}

    monkeypatch.setattr(Answers, "call", call)


def test_end_of_life_is_said_while_it_is_to_come() -> None:
    made = version("westeurope", today=date(2026, 11, 23))
    assert made.inputs["publishingProfile"]["endOfLifeDate"] == "2026-11-24T00:00:00Z"
    assert made.inputs["publishingProfile"]["excludeFromLatest"] is True


def test_release_at_its_end_is_left_as_it_is() -> None:
    """Azure refuses every change of it that says a date in the past; another region is one."""
    before = PreviousPublication(
        name=NAME, built_at=BAKED, replicas={"westeurope": 1}, end_of_life=date(2026, 11, 24)
    )
    made = version("westeurope", "eastus", today=date(2026, 11, 24), before=before)
    assert list(made.options.ignoreChanges) == ["publishingProfile", "safetyProfile"]
    made = version("westeurope", "eastus", today=date(2026, 11, 23), before=before)
    assert list(made.options.ignoreChanges) == []


def test_old_content_is_published_without_its_end() -> None:
    made = version("westeurope", today=date(2026, 11, 24))
    assert made.inputs["publishingProfile"].get("endOfLifeDate") is None


def test_definitions_are_made_in_the_api_whose_default_is_standard() -> None:
    """From 2025-03-03 on, one without a security type is TrustedLaunchSupported, so machines
    may have Secure Boot, where unsigned modules of drivers do not load. Then SecurityType=Standard
    has to be said ("Azure Compute Gallery", Trusted Launch validation)."""
    source = Path(inspect.getfile(compute.GalleryImage)).read_text(encoding="utf-8")
    assert "Uses Azure REST API version 2024-03-03." in source


def test_private_image_says_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one that was deleted and made again is confirmed again."""
    answer = Answers.new_resource

    def made(about: dict[str, Any]) -> Registered:
        def with_about(self: Answers, args: Any) -> tuple[str, dict[str, Any]]:
            id, outputs = answer(self, args)
            return id, {**outputs, **about}

        monkeypatch.setattr(Answers, "new_resource", with_about)
        return registered(lambda opts: ManagedImage("azure", named(), opts).made)

    assert made({"systemData": {"createdAt": "2026-11-24T15:30:00Z"}}).output == (
        "2026-11-24T15:30:00Z"
    )
    assert made({}).output == "", "where Azure does not say"
