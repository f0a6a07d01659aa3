"""`python -m ops publish`: into a bucket that moto plays, whole, in order, or not at all."""

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from images.local import LocalPlace
from ops.__main__ import main
from ops.catalog_bucket import CatalogBucket
from tests.fakes.contracts import contract_json, image
from tests.fakes.stack_files import use_folder, write_stack

pytestmark = pytest.mark.unit

BUCKET, FOLDER = "dstack-site", "vm-images/"
PAGE = "catalog.html"


@pytest.fixture
def bucket(ec2: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A versioned bucket with something else in it, and the file of a stack that names it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    use_folder(tmp_path, monkeypatch)
    write_stack(tmp_path, "prod", {"local": {}, "aws": {"catalog": f"{BUCKET}/{FOLDER[:-1]}"}})
    found = boto3.resource("s3", region_name="eu-west-1").Bucket(BUCKET)
    found.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    found.Versioning().enable()
    found.put_object(Key="index.html", Body=b"a site")
    contract("0.14")
    return found


def contract(*versions: str) -> str:
    """A contract of these releases, whose images are there; returns its text's checksum."""
    images: list[Any] = []
    for version in versions:
        file = Path(f"dstack-{version}.qcow2").resolve()
        file.write_bytes(b"image")
        place = LocalPlace(path=str(file), size_bytes=5, sha256="0" * 64)
        images.append(image(f"dstack-{version}", place, version=version))
    text = contract_json(*images)
    Path("contract.json").write_text(text)
    return hashlib.sha256(text.encode()).hexdigest()


def publish(*arguments: str) -> int:
    return main(["publish", "-s", "prod", "contract.json", *arguments])


def written(bucket: Any) -> list[str]:
    """Every key once for each time that it was written."""
    keys = [version.key.removeprefix(FOLDER) for version in bucket.object_versions.all()]
    return sorted(key for key in keys if key != "index.html")


def body(bucket: Any, key: str) -> bytes:
    return bucket.Object(FOLDER + key).get()["Body"].read()


def test_all_of_it_with_types_and_the_pointer_last(
    bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    checksum = contract("0.14", "0.15")
    assert publish() == 0
    told = [line.rpartition(FOLDER)[2] for line in capsys.readouterr().out.splitlines()]
    by_content = f"contracts/{checksum}.json"
    assert told == [
        by_content,
        "contract.schema.json",
        "streams.schema.json",
        "contract.json",
        PAGE,
        "streams.json",
    ]
    assert written(bucket) == sorted(told)
    page = bucket.Object(FOLDER + PAGE)
    assert (page.content_type, page.cache_control) == (
        "text/html; charset=utf-8",
        "public, max-age=300",
    )
    kept = bucket.Object(FOLDER + by_content)
    assert (kept.content_type, kept.cache_control) == (
        "application/json",
        "public, max-age=31536000, immutable",
    )
    streams = json.loads(body(bucket, "streams.json"))
    assert (streams["current"], streams["contract_sha256"]) == ("0.15", checksum)
    assert bucket.Object("index.html").get()["Body"].read() == b"a site"


def test_a_second_time_writes_nothing(bucket: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish() == 0
    before = written(bucket)
    capsys.readouterr()
    assert publish("--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "bucket": f"s3://{BUCKET}/{FOLDER[:-1]}",
        "written": [],
    }
    assert written(bucket) == before


def test_what_servers_do_not_find_is_not_published(
    bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("dstack-0.14.qcow2").unlink()
    assert publish() == 3
    said = capsys.readouterr().out
    assert "dstack-0.14" in said
    assert "nothing is published" in said
    assert written(bucket) == []


def test_who_reads_while_it_fails_gets_what_belongs_together(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contract("0.14")
    assert publish() == 0
    after = contract("0.14", "0.15")
    put = CatalogBucket.put

    def interrupted(self: CatalogBucket, document: Any) -> bool:
        if document.key == "streams.json":
            raise KeyboardInterrupt
        return put(self, document)

    with monkeypatch.context() as during:
        during.setattr(CatalogBucket, "put", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publish()
    named = json.loads(body(bucket, "streams.json"))["contract_sha256"]
    assert named == before
    assert hashlib.sha256(body(bucket, f"contracts/{named}.json")).hexdigest() == before
    assert publish() == 0
    assert json.loads(body(bucket, "streams.json"))["contract_sha256"] == after


@pytest.mark.parametrize(
    ("clouds", "stack", "told"),
    [
        ({"local": {}, "aws": {}}, "prod", "Pulumi.prod.yaml has no dstack-images:clouds.aws.cat"),
        ({"local": {}}, "prod", "has no dstack-images:clouds.aws.catalog"),
        ({"aws": {"catalog": BUCKET}}, "staging", "is of prod, not of staging"),
        ({"local": {}, "aws": {"catalog": "no-such-bucket"}}, "prod", "NoSuchBucket"),
    ],
)
def test_mistakes_are_told_in_a_line(
    bucket: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    clouds: dict[str, Any],
    stack: str,
    told: str,
) -> None:
    write_stack(tmp_path, stack, clouds)
    assert main(["publish", "-s", stack, "contract.json"]) == 1
    assert told in capsys.readouterr().err
    assert written(bucket) == []


def test_without_a_current_release_nothing_is_published(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(contract_json()))
    assert main(["publish", "-s", "prod"]) == 1
    assert "has no release that is current" in capsys.readouterr().err
    assert written(bucket) == []
