"""`python -m ops tested`: whether what a stack would publish was tried, in simulated accounts."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from bakery.records.labels import described
from bakery.records.tags import to_tags
from components.content import Content, regional_images
from config.stack import Stack
from images.catalog import Cloud
from images.labels import label
from images.tags import RECORD, STACK, VERIFICATION
from ops.__main__ import main
from ops.stacks import settings_of
from tests.fakes.aws_content import make_ami
from tests.fakes.stack_files import write_stack
from tests.simulators.gcp.project import GcpProject
from tests.unit import bakes_in_clouds
from tests.unit.bakes_in_clouds import published
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

folder, server, project = bakes_in_clouds.folder, bakes_in_clouds.server, bakes_in_clouds.project


@pytest.fixture
def prod(ec2: Any, folder: Path) -> Any:
    """An empty account, and a stack with one image in it."""
    write_stack(folder, "prod", {"aws": {}}, releases=["0.15"], immutable=True)
    return ec2


def contents(stack: str, cloud: Cloud = "aws") -> list[Content]:
    """What the scripts and settings of today make, as `up` has it."""
    settings = settings_of(stack)
    chosen: Any = settings.clouds.selected()[cloud]
    of = Stack.of(settings, stack, stack)
    return [wanted.content for wanted in regional_images(of, settings, chosen)]


def record(content: Content, name: str = "", **changes: Any) -> Any:
    known = {"inputs": content.inputs, "variant": content.entry.key.variant, **changes}
    return bake_record(name or content.bake).model_copy(update=known)


def bake(ec2: Any, one: Any, by: str = "stgn-12", *, verified: bool = True) -> None:
    more = {f"{VERIFICATION}-0": "{}"} if verified else {}
    make_ami(ec2, one.name, {STACK: by, **to_tags(RECORD, one), **more})


def told(capsys: pytest.CaptureFixture[str], *more: str, status: int = 0) -> list[str]:
    assert main(["tested", "-s", "prod", *more]) == status
    return capsys.readouterr().out.splitlines()


def test_what_staging_has_tried_is_known_by_its_content(
    prod: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (content,) = contents("prod")
    bake(prod, record(content))
    (line, end) = told(capsys, "--exit-code")
    assert line.startswith(f"aws-cpu 0.15: exists as {content.bake}, baked by stgn-12 ")
    assert line.endswith("days ago, verified")
    assert end == "nothing would be baked"


def test_what_nobody_has_baked_is_told_with_what_differs(
    prod: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Staging was pinned and has baked; prod's file has the older source."""
    (newer,) = contents("prod")
    bake(prod, record(newer))
    write_stack(folder, "prod", {"aws": {"source": "ami-0fedcba9876543210"}}, releases=["0.15"])
    line, advice = told(capsys)
    assert line == (
        f"aws-cpu 0.15: will be baked, which nobody has tried: source differs from {newer.bake}"
    )
    assert "1 of 1 would be published though nobody has tried them" in advice
    assert "pin both files" in advice
    assert told(capsys, "--exit-code", status=3)[0] == line


def test_what_failed_its_verification_was_not_tried(
    prod: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (content,) = contents("prod")
    bake(prod, record(content), verified=False)
    line, _ = told(capsys, "--exit-code", status=3)
    assert line.endswith(", NOT VERIFIED")


def test_a_bake_that_was_never_completed_is_none(
    prod: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (content,) = contents("prod")
    make_ami(prod, content.bake, {STACK: "stgn-12"})
    assert told(capsys)[0] == "aws-cpu 0.15: will be baked, which nobody has tried"


def test_what_an_immutable_stack_has_published_stays(
    prod: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0.14 is of older content, and nothing bakes it again; 0.15 is new."""
    write_stack(folder, "prod", {"aws": {}}, releases=["0.14", "0.15"], immutable=True)
    content = contents("prod")[0]
    old = "dstack-bake-cpu-aaaaaaaaaaaa"
    bake(prod, record(content, old, inputs=["source=older", *content.inputs[1:]]))
    other = boto3.client("ec2", region_name="us-east-1")
    make_ami(other, "dstack-0.14", published(old))
    first, second, _ = told(capsys, "--exit-code", status=3)
    assert first.startswith(f"aws-cpu 0.14: is published, of {old}, baked by stgn-12 ")
    assert first.endswith(", and stays so")
    assert second.endswith(f"will be baked, which nobody has tried: source differs from {old}")
    # Another stack's release of that name is not this one's.
    write_stack(folder, "staging", {"aws": {}}, releases=["0.14"], immutable=True)
    assert main(["tested", "-s", "staging"]) == 0
    assert "aws-cpu 0.14: will be baked" in capsys.readouterr().out


def test_a_cloud_that_cannot_be_read_hides_no_other(
    project: GcpProject,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    clouds: dict[str, dict[str, Any]] = {"aws": {}, "gcp": {"endpoint": project.address}}
    write_stack(folder, "prod", clouds, releases=["0.15"])
    (content,) = contents("prod", "gcp")
    text, labels = described(record(content, cloud="gcp"))
    proof = {f"{VERIFICATION}-0": "x"}
    more = {STACK: label("stgn-12"), **labels, **proof}
    project.add_image(content.bake, description=text, labels=more)
    assert main(["tested", "-s", "prod", "--json", "--exit-code"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["image"], one["state"], one["verified"]) for one in found["images"]] == [
        ("gcp-cpu", "exists", True)
    ]
    assert found["problems"][0].startswith("aws: ")


def test_this_machine_has_a_preview_for_that(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "prod", {"local": {}})
    assert main(["tested", "-s", "prod"]) == 1
    assert "pulumi preview --diff -s prod" in capsys.readouterr().err


def test_without_a_release_nothing_is_told(
    prod: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "prod", {"aws": {}}, releases=[])
    assert told(capsys, "--exit-code") == ["the stack publishes nothing"]
