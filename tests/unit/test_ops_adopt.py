"""What `python -m ops adopt` takes for lost, and what it cannot bring back."""

import json
from pathlib import Path
from typing import Any

import pytest

from bakery.aws.adapter import Aws
from images.tags import BAKE as BAKE_TAG
from images.tags import RECORD, STACK, VERIFICATION
from ops.__main__ import main
from tests.fakes.aws_content import complete, make_ami
from tests.fakes.aws_jobs import REGION
from tests.fakes.bake_jobs import BAKE
from tests.fakes.stack_files import use_folder, write_stack

pytestmark = pytest.mark.unit

PUBLISHED = {STACK: "prod", BAKE_TAG: BAKE}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of a protected stack that has lost everything."""
    use_folder(tmp_path, monkeypatch)
    write_stack(tmp_path, "prod", {"aws": {}}, visibility="public", immutable=True)
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"manifest": {}}}))
    return file


def adopt(state: Path, stack: str = "prod") -> int:
    return main(["adopt", str(state), "-s", stack])


def test_what_is_published_and_nobody_elses(
    state: Path, ec2: Any, adapter: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = complete(ec2, adapter, tmp_path)
    make_ami(ec2, "dstack-0.15", {STACK: "another", BAKE_TAG: BAKE})
    mine = make_ami(ec2, "dstack-0.14", PUBLISHED)
    assert adopt(state) == 0
    resources = json.loads(capsys.readouterr().out)["resources"]
    (copy,) = (one for one in resources if one["type"] == "aws:ec2/amiCopy:AmiCopy")
    assert (copy["id"], copy["name"]) == (mine, f"aws-cpu-0.14-{REGION}")
    assert copy["inputs"].items() <= copy["outputs"].items()
    assert copy["outputs"]["sourceAmiId"] == content
    assert copy["outputs"]["manageEbsSnapshots"]
    (baked,) = (one for one in resources if one["name"].endswith("-bake"))
    assert json.loads(baked["outputs"]["stdout"])["name"] == BAKE
    assert not any(one["name"].endswith("-verify") for one in resources), "it was not verified"


def test_damaged_record_is_told_and_a_damaged_verification_costs_a_boot(
    state: Path, ec2: Any, adapter: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = complete(ec2, adapter, tmp_path)
    make_ami(ec2, "dstack-0.14", PUBLISHED)

    def damage(key: str) -> None:
        ec2.create_tags(Resources=[content], Tags=[{"Key": f"{key}-0", "Value": "1:é"}])

    damage(VERIFICATION)
    assert adopt(state) == 0
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["resources"]]
    assert any(name.endswith("-bake") for name in names)
    assert not any(name.endswith("-verify") for name in names)
    damage(RECORD)
    assert adopt(state) == 1
    assert f"the record of {BAKE} ({content} in {REGION}) is damaged" in capsys.readouterr().err


def test_of_what_is_gone_no_state_can_be_written(
    state: Path, ec2: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    make_ami(ec2, "dstack-0.14", PUBLISHED)
    assert adopt(state) == 1
    assert f"the content of dstack-0.14, {BAKE}, was removed" in capsys.readouterr().err
    make_ami(ec2, BAKE, {})
    assert adopt(state) == 1
    assert f"{BAKE} (ami-" in capsys.readouterr().err
    make_ami(ec2, "dstack-0.14", PUBLISHED)
    assert adopt(state) == 1
    assert "are all named dstack-0.14; deregister all but one" in capsys.readouterr().err


def test_what_is_no_state_and_what_is_not_protected(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(tmp_path, "staging", {"aws": {}})
    assert adopt(state, "staging") == 1
    assert "nothing of staging is protected" in capsys.readouterr().err
    for text in ("[]", "{}", "no JSON"):
        state.write_text(text)
        assert adopt(state) == 1
        assert "is not what `pulumi stack export` writes" in capsys.readouterr().err
