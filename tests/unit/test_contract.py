"""The document that dstack reads."""

import json
from datetime import date
from typing import Any, cast

import pytest

from images import aws, azure, clouds, contract, gcp, local, oci
from images.contract_reader import read, read_outputs
from images.errors import UserError
from tests.unit.unit_samples import PROJECT, bake_record, verification_record

pytestmark = pytest.mark.unit


def published(place: clouds.Place) -> contract.Image:
    return contract.Image(
        name="dstack-0.14",
        cloud=place.cloud,
        variant="cpu",
        version="0.14",
        prefix="",
        content=contract.content(bake_record("dstack-bake-cpu-1")),
        verification=contract.verified(verification_record("dstack-bake-cpu-1")),
        place=place,
        found=place.ids(),
    )


def test_schema_is_current() -> None:
    kept = (PROJECT / "images/contract.schema.json").read_text(encoding="utf-8")
    assert kept == contract.schema(), "python -m images.contract >images/contract.schema.json"


@pytest.mark.parametrize(
    ("place", "ids"),
    [
        (local.LocalPlace(path="/x", size_bytes=1, sha256="2"), {"here": "/x"}),
        (
            aws.AwsPlace(
                account_id="1",
                root_device_name="/dev/sda1",
                public=True,
                regions={"eu-west-1": aws.AwsRegion(ami="ami-1", snapshots=["snap-1"])},
            ),
            {"eu-west-1": "ami-1"},
        ),
        (
            gcp.GcpPlace(project="p", self_link="link", id="7", family="f", member=None),
            {"p": "projects/p/global/images/7"},
        ),
        (
            oci.OciPlace(
                compartment_id="c",
                regions={"eu-milan-1": oci.OciRegion(image_id="ocid1", listing=None)},
            ),
            {"eu-milan-1": "ocid1"},
        ),
        (
            azure.AzurePlace(
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
            azure.AzurePlace(
                subscription_id="s",
                resource_group="g",
                location="westeurope",
                managed_image_id=None,
                gallery=azure.AzureGallery(
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
def test_round_trip_and_ids_of_every_cloud(place: clouds.Place, ids: dict[str, str]) -> None:
    image = published(place)
    again = contract.Image.model_validate_json(image.model_dump_json())
    assert again == image
    assert again.found == ids
    whole = contract.contract("test", "", [contract.release("0.14", None, [image])])
    assert read_outputs(as_a_program_reads(whole.model_dump(mode="json"))) == whole


def as_a_program_reads(value: Any) -> Any:
    """A stack's outputs: Pulumi's Python SDK drops what is null (runtime/rpc.py), numbers have a
    fraction."""
    match value:
        case dict():
            found = cast(dict[str, Any], value)
            return {k: as_a_program_reads(v) for k, v in found.items() if v is not None}
        case list():
            return [as_a_program_reads(one) for one in cast(list[Any], value)]
        case bool():
            return value
        case int():
            return float(value)
        case _:
            return value


def test_outputs_of_another_version_are_no_contract() -> None:
    assert read_outputs({"schema_version": 3, "stack": "test"}) is None
    assert read_outputs(None) is None


def at(version: str, *missing: str, retires: date | None = None) -> contract.Release:
    """A release with one image, which is missing in some places."""
    lacks = [
        contract.Missing(place=place, reason="it was not published there") for place in missing
    ]
    image = published(local.LocalPlace(path="/x", size_bytes=1, sha256="2"))
    image = image.model_copy(update={"version": version, "missing": lacks})
    return contract.release(version, retires, [image])


@pytest.mark.parametrize(
    ("releases", "current"),
    [
        ([at("0.14"), at("0.15")], "0.15"),
        ([at("0.15"), at("0.14")], "0.14"),
        ([at("0.14"), at("0.15", "eu-west-1")], "0.14"),
        ([at("0.14"), at("0.15", retires=date(2027, 3, 31))], "0.14"),
        ([at("0.14", "eu-west-1")], None),
        ([], None),
    ],
    ids=["last", "rolled-back", "partial", "retiring", "nothing-whole", "nothing"],
)
def test_current_is_the_last_live_release_that_is_complete(
    releases: list[contract.Release], current: str | None
) -> None:
    found = contract.contract("s", "stgn-1-", releases)
    assert found.current == current
    env = found.server_env
    assert (env and env.DSTACK_VM_BASE_IMAGE_VERSION) == current


def test_version_1_can_still_be_read() -> None:
    """As the first version of this program wrote it."""
    image = published(local.LocalPlace(path="/x", size_bytes=1, sha256="2")).model_dump(mode="json")
    first = {key: image[key] for key in ("name", "variant", "version", "prefix", "content")}
    first |= {"verification": image["verification"], "place": image["place"]}
    document = {
        "schema_version": 1,
        "stack": "prod",
        "version": "0.14",
        "prefix": "",
        "images": [first, {**first, "version": "0.13", "name": "dstack-0.13"}],
        "server_env": {"DSTACK_VM_BASE_IMAGE_VERSION": "0.14", "DSTACK_VM_BASE_IMAGE_PREFIX": ""},
    }
    found = read(json.dumps(document))
    assert (found.current, [release.version for release in found.releases]) == (
        "0.14",
        ["0.13", "0.14"],
    )
    assert found.releases[1].images[0].found == {"here": "/x"}
    assert read(found.model_dump_json()) == found


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 1}', '{"schema_version": 3}'])
def test_what_is_no_contract_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no contract of a stack"):
        read(text)


def test_unverified_is_plain_to_see() -> None:
    assert contract.verified(None) is None
