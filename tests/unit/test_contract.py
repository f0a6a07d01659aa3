"""The document that dstack reads."""

import json
from datetime import date
from typing import Any, cast

import pytest

from images import aws, azure, clouds, contract, gcp, local, oci, streams
from images.contract_reader import read, read_outputs
from images.errors import UserError
from images.staying import staying
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


def listed(version: str, retires: date | None = None, **regions: str) -> contract.Release:
    """A release of Oracle Cloud alone, by the state of its listing in each region."""
    place = oci.OciPlace(
        compartment_id="c",
        regions={
            region: oci.OciRegion(
                image_id=f"ocid1.{region}",
                listing=oci.OciListing(publication_id="p", listing_id=None, review_state=state),
            )
            for region, state in regions.items()
        },
    )
    waits = [contract.Missing(place=region, reason=why) for region, why in place.waiting().items()]
    image = published(place).model_copy(update={"version": version, "missing": waits})
    return contract.release(version, retires, [image])


TODAY, TO_COME = date(2027, 3, 30), date(2027, 3, 31)
PUBLISHED, REVIEW, REJECTED = "published", "in review", "rejected"
OLD, NEW = listed("0.15", a=PUBLISHED), listed("0.16", a=REVIEW)


@pytest.mark.parametrize(
    ("before", "now", "current"),
    [
        # The release before retires in the change that brings the next one.
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), NEW], "0.15"),
        ([OLD], [listed("0.15", TODAY, a=PUBLISHED), NEW], None),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), listed("0.16", a=REJECTED)], None),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), listed("0.16", a=PUBLISHED)], "0.16"),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), at("0.16", "eu-west-1")], None),
        # A region more, of every release at once.
        ([OLD], [listed("0.15", a=PUBLISHED, b=REVIEW)], "0.15"),
        (
            [OLD],
            [listed("0.15", a=PUBLISHED, b=REVIEW), listed("0.16", a=REVIEW, b=REVIEW)],
            "0.15",
        ),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED, b=REVIEW), NEW], "0.15"),
        ([OLD], [listed("0.15", a=PUBLISHED, b=REJECTED)], None),
        # What servers did find is lost: Oracle looks at it anew.
        ([OLD], [listed("0.15", a=REVIEW)], None),
        # Never told to servers, and so nothing that could stay.
        ([], [NEW], None),
        ([at("0.15", "eu-west-1")], [NEW], None),
        # A person has gone back, and a review is in the way: not to the bad one.
        (
            [listed("0.14", a=PUBLISHED), OLD],
            [listed("0.15", a=PUBLISHED, b=REVIEW), listed("0.14", a=PUBLISHED, b=REVIEW)],
            None,
        ),
        (
            [listed("0.14", a=PUBLISHED), OLD],
            [listed("0.14", a=PUBLISHED, b=REVIEW), listed("0.15", TO_COME, a=PUBLISHED, b=REVIEW)],
            None,
        ),
    ],
    ids=[
        *("retires", "past-its-day", "rejected", "next-is-there", "next-failed"),
        *("region", "region-and-release", "region-while-it-retires", "region-rejected"),
        *("lost", "first", "never-whole", "gone-back", "gone-back-by-retiring"),
    ],
)
def test_servers_are_told_of_a_release_while_oracle_reviews_what_is_new(
    before: list[contract.Release], now: list[contract.Release], current: str | None
) -> None:
    """A review takes days. What servers are told does not become less by it, and what the contract
    says of each release is what is true of it."""
    first = contract.contract("prod", "", before)
    assert first.current == (before[-1].version if before and before[-1].complete else None)
    stays = staying(first, "", now, TODAY)
    found = contract.contract("prod", "", now, stays=stays)
    assert found.current == current
    assert found.releases == now
    # The next update, in which nothing has changed, reads what this one has written.
    again = contract.contract("prod", "", now, stays=staying(found, "", now, TODAY))
    assert again == found


def test_nothing_stays_under_another_prefix() -> None:
    first = contract.contract("prod", "stgn-1-", [OLD])
    assert staying(first, "", [listed("0.15", TO_COME, a=PUBLISHED), NEW], TODAY) is None


def test_a_current_release_that_retires_is_in_the_streams_of_those_that_live() -> None:
    now = [listed("0.15", TO_COME, a=PUBLISHED), NEW]
    found = contract.contract("prod", "", now, stays="0.15")
    told = json.loads(streams.streams(found, "text"))
    assert told["current"] == "0.15"
    assert {name: one["state"] for name, one in told["releases"].items()} == {
        "0.15": "retiring",
        "0.16": "partial",
    }


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
