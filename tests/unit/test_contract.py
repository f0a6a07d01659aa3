"""The document that dstack reads."""

import pytest

from images import contract
from tests.unit.unit_samples import PROJECT, bake_record, verification_record

pytestmark = pytest.mark.unit


def published(place: contract.Place) -> contract.Image:
    return contract.Image(
        name="dstack-0.14",
        variant="cpu",
        version="0.14",
        prefix="",
        content=contract.content(bake_record("dstack-bake-cpu-1")),
        verification=contract.verified(verification_record("dstack-bake-cpu-1")),
        place=place,
    )


def test_schema_is_current() -> None:
    kept = (PROJECT / "images/contract.schema.json").read_text(encoding="utf-8")
    assert kept == contract.schema(), "python -m images.contract >images/contract.schema.json"


@pytest.mark.parametrize(
    ("place", "ids"),
    [
        (contract.LocalPlace(path="/x", size_bytes=1, sha256="2"), {"here": "/x"}),
        (
            contract.AwsPlace(
                account_id="1",
                root_device_name="/dev/sda1",
                public=True,
                regions={"eu-west-1": contract.AwsRegion(ami="ami-1", snapshots=["snap-1"])},
            ),
            {"eu-west-1": "ami-1"},
        ),
        (
            contract.GcpPlace(project="p", self_link="link", id="7", family="f", member=None),
            {"p": "projects/p/global/images/7"},
        ),
        (
            contract.OciPlace(
                compartment_id="c",
                regions={"eu-milan-1": contract.OciRegion(image_id="ocid1", listing=None)},
            ),
            {"eu-milan-1": "ocid1"},
        ),
        (
            contract.AzurePlace(
                subscription_id="s",
                resource_group="g",
                location="westeurope",
                managed_image_id="/m",
                gallery=None,
                disk_controller_types=[],
            ),
            {"g": "/m"},
        ),
        (
            contract.AzurePlace(
                subscription_id="s",
                resource_group="g",
                location="westeurope",
                managed_image_id=None,
                gallery=contract.AzureGallery(
                    name="gal",
                    public_name="gal-1",
                    definition_id="/d",
                    version="1.2.3",
                    version_id="/d/versions/1.2.3",
                    replicas={"westeurope": 1},
                    end_of_life=None,
                ),
                disk_controller_types=["SCSI", "NVMe"],
            ),
            {"gal": "/d/versions/1.2.3"},
        ),
    ],
    ids=lambda value: getattr(value, "cloud", ""),
)
def test_round_trip_and_ids_of_every_cloud(place: contract.Place, ids: dict[str, str]) -> None:
    image = published(place)
    again = contract.Image.model_validate_json(image.model_dump_json())
    assert again == image
    assert again.place.ids() == ids


def test_unverified_is_plain_to_see() -> None:
    assert contract.verified(None) is None
