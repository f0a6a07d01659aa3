"""`python -m ops fetch`: out of every cloud's bucket, and out of that of the stack that baked."""

import hashlib
import json
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError

from bakery.aws import clients as aws_clients
from images.contract import Image
from images.errors import UserError
from images.record import BakeRecord
from images.storage import aws_bucket
from images.tags import STACK
from ops.__main__ import main
from ops.aws.inventory import AwsInventory
from tests.fakes.aws_content import make_ami
from tests.fakes.contracts import aws_place, contract_json, image
from tests.fakes.handed_out import PACKAGES
from tests.fakes.stack_files import use_folder, write_stack
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

BAKE, OLD = "dstack-bake-cpu-0123456789ab", "dstack-bake-cpu-ba9876543210"
ACCOUNT = "123456789012"
SBOM = b"\x1f\x8b\x08 a document\xff\x00"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    use_folder(tmp_path, monkeypatch)
    return tmp_path


def whole(bake: str = BAKE) -> BakeRecord:
    """A record that names the document."""
    record = bake_record(bake)
    assert record.sbom
    sbom = record.sbom.model_copy(update={"sha256": hashlib.sha256(SBOM).hexdigest()})
    return record.model_copy(update={"sbom": sbom})


def of(record: BakeRecord) -> Image:
    place = aws_place({"eu-west-1": "ami-1"}, ACCOUNT)
    return image("dstack-0.15", place, bake=record.name, sbom=record.sbom)


def fetch(*arguments: str) -> int:
    return main(["fetch", "contract.json", "-s", "prod", "--out", "release", *arguments])


@pytest.fixture
def buckets(ec2: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Those of `prod` and of the run of staging that has baked what it publishes."""
    monkeypatch.setattr("ops.aws.copies.regions", lambda _: ["eu-west-1"])
    write_stack(folder, "prod", {"aws": {}})
    s3 = boto3.client("s3", region_name="eu-west-1")
    place: Any = {"LocationConstraint": "eu-west-1"}
    for stack in ("prod", "stgn-12"):
        name = aws_bucket(stack, ACCOUNT)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    make_ami(ec2, BAKE, {STACK: "stgn-12"})
    make_ami(ec2, OLD, {STACK: "prod"})
    return s3


def add(s3: Any, stack: str, **objects: bytes) -> None:
    for folder_and_bake, body in objects.items():
        kind, _, bake = folder_and_bake.partition("__")
        suffix = {"records": "json", "sboms": "spdx.json.gz", "packages": "txt"}[kind]
        key = f"{kind}/{ {'bake': BAKE, 'old': OLD}[bake] }.{suffix}"
        s3.put_object(Bucket=aws_bucket(stack, ACCOUNT), Key=key, Body=body)


def test_what_another_stack_has_baked_is_in_its_bucket(buckets: Any) -> None:
    record = whole()
    add(buckets, "stgn-12", records__bake=record.model_dump_json().encode(), sboms__bake=SBOM)
    Path("contract.json").write_text(contract_json(of(record)))
    assert fetch() == 0
    assert Path(f"release/{BAKE}.spdx.json.gz").read_bytes() == SBOM
    assert BakeRecord.model_validate_json(Path(f"release/{BAKE}.json").read_bytes()) == record


def test_what_no_cloud_has_any_more_is_what_was_fetched_before(buckets: Any) -> None:
    """Its bucket went with the stack that had baked it."""
    record = whole()
    add(buckets, "stgn-12", records__bake=record.model_dump_json().encode(), sboms__bake=SBOM)
    Path("contract.json").write_text(contract_json(of(record)))
    assert fetch() == 0
    Path("earlier").mkdir()
    Path("release").rename("earlier/102")
    for key in (f"records/{BAKE}.json", f"sboms/{BAKE}.spdx.json.gz"):
        buckets.delete_object(Bucket=aws_bucket("stgn-12", ACCOUNT), Key=key)
    assert fetch() == 3
    assert fetch("--also", "earlier") == 0
    assert Path(f"release/{BAKE}.spdx.json.gz").read_bytes() == SBOM
    assert BakeRecord.model_validate_json(Path(f"release/{BAKE}.json").read_bytes()) == record


@pytest.mark.parametrize(
    ("changed", "body", "missing"),
    [({"digest": f"sha256:{'0' * 64}"}, SBOM, "record"), ({}, b"other", "bill of materials")],
    ids=["record", "bill of materials"],
)
def test_what_was_fetched_before_of_other_content_is_not_taken(
    buckets: Any,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str],
    body: bytes,
    missing: str,
) -> None:
    record = whole()
    Path("contract.json").write_text(contract_json(of(record)))
    Path(f"{BAKE}.json").write_text(record.model_copy(update=changed).model_dump_json())
    Path(f"{BAKE}.spdx.json.gz").write_bytes(body)
    assert fetch("--also", ".") == 3
    assert f"missing: the {missing} of {BAKE} in aws" in capsys.readouterr().out


def test_folder_that_is_none_is_told(buckets: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contract.json").write_text(contract_json(of(whole())))
    assert fetch("--also", "nowhere") == 1
    assert "nowhere is no folder" in capsys.readouterr().err


def test_a_bake_from_before_gets_its_document_and_keeps_it(
    buckets: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    record = bake_record(OLD).model_copy(update={"sbom": None})
    body = record.model_dump_json().encode()
    add(buckets, "prod", records__old=body, packages__old=PACKAGES.encode())
    Path("contract.json").write_text(contract_json(of(record)))
    assert fetch() == 0
    made = Path(f"release/{OLD}.spdx.json.gz").read_bytes()
    told = BakeRecord.model_validate_json(Path(f"release/{OLD}.json").read_bytes()).sbom
    assert told is not None
    assert (told.names_only, told.sha256) == (True, hashlib.sha256(made).hexdigest())
    assert bucket_has(buckets, "prod", f"sboms/{OLD}.spdx.json.gz") is None, "nobody asked for it"
    assert fetch("--keep") == 0
    assert bucket_has(buckets, "prod", f"sboms/{OLD}.spdx.json.gz") == made
    kept = bucket_has(buckets, "prod", f"records/{OLD}.json")
    assert kept is not None
    assert BakeRecord.model_validate_json(kept).sbom == told
    assert fetch("--keep") == 0, "and is found the next time"


def test_what_cannot_be_kept_is_written_and_told(
    buckets: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that may only read are enough for the files."""
    record = bake_record(OLD).model_copy(update={"sbom": None})
    body = record.model_dump_json().encode()
    add(buckets, "prod", records__old=body, packages__old=PACKAGES.encode())
    Path("contract.json").write_text(contract_json(of(record)))
    refusal: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    denied = mock.Mock(side_effect=ClientError(refusal, "PutObject"))
    real = aws_clients.s3

    def s3(*arguments: Any) -> Any:
        client = real(*arguments)
        client.put_object = denied
        return client

    monkeypatch.setattr(aws_clients, "s3", s3)
    assert fetch("--keep") == 1
    shown = capsys.readouterr().out
    assert f"not kept: the bill of materials of {OLD} in aws" in shown
    assert "may not do PutObject" in shown
    assert "missing" not in shown
    assert written() == {f"{OLD}.json", f"{OLD}.spdx.json.gz"}


def written() -> set[str]:
    return {file.name for file in Path("release").iterdir()}


def bucket_has(s3: Any, stack: str, key: str) -> bytes | None:
    try:
        return s3.get_object(Bucket=aws_bucket(stack, ACCOUNT), Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None


def test_what_is_nowhere_or_of_another_checksum_is_said(
    buckets: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    record = whole()
    add(buckets, "stgn-12", records__bake=record.model_dump_json().encode(), sboms__bake=b"other")
    Path("contract.json").write_text(contract_json(of(record), of(whole(OLD))))
    assert fetch("--json") == 3
    assert json.loads(capsys.readouterr().out) == {
        "written": [f"{BAKE}.json"],
        "missing": [
            f"the bill of materials of {BAKE} in aws",
            f"the record of {OLD} in aws",
        ],
        "not_kept": [],
    }


def test_inventory_that_cannot_be_read_keeps_nothing_from_being_fetched(
    buckets: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 may be readable where EC2 is not."""

    def refuse(_self: AwsInventory) -> Any:
        raise UserError("eu-west-1: these credentials may not look")

    monkeypatch.setattr(AwsInventory, "bakes", refuse)
    record = whole()
    add(buckets, "prod", records__bake=record.model_dump_json().encode())
    Path("contract.json").write_text(contract_json(of(record), of(whole(OLD))))
    assert fetch("--json") == 3
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == [f"{BAKE}.json"]
    assert "these credentials may not look" in told["missing"][0]


def test_place_that_nobody_may_look_into_is_told(
    buckets: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("contract.json").write_text(contract_json(of(whole())))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setattr(AwsInventory, "bakes", lambda _self: [])
    assert fetch() == 3
    assert "there are no credentials for AWS" in capsys.readouterr().out
