"""What bakes and what does not: the literal pulumi commands, with Packer's runs counted."""

import re
from pathlib import Path

import pytest
import yaml

from tests.engine.local_stack import LocalStack, Snapshot
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

HELLO = "factory-demo/hello:1@sha256:" + "2" * 64


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory, warm: WarmPython) -> Snapshot:
    """The stack after its first `up`, for each test to begin with."""
    stack = LocalStack.open(tmp_path_factory.mktemp("stack"), warm=warm)
    stack.up()
    assert (stack.host.builds(), stack.host.builds("verify")) == (1, 1)
    assert stack.published() == ["dstack-0.14.qcow2"]
    return Snapshot.of(stack)


@pytest.fixture
def stack(baked: Snapshot) -> LocalStack:
    return baked.restore()


def test_outputs_tell_servers_and_people_what_there_is(stack: LocalStack) -> None:
    outputs = stack.pulumi.outputs()
    image = outputs["contract"]["releases"][0]["images"][0]
    assert outputs["version"] == "0.14"
    assert outputs["prefix"] == ""
    assert outputs["images"] == {
        "local": {"cpu": {"here": str(stack.project / "dist" / "dstack-0.14.qcow2")}}
    }
    assert outputs["server_env"] == {
        "DSTACK_VM_BASE_IMAGE_VERSION": "0.14",
        "DSTACK_VM_BASE_IMAGE_PREFIX": "",
    }
    assert image["content"]["versions"]["docker"] == "20.10.24"
    assert image["content"]["package_count"] == 2
    assert {check["name"] for check in image["verification"]["checks"]} >= {"docker", "boot"}


def test_nothing_changed_runs_nothing(stack: LocalStack) -> None:
    again = stack.up()
    assert "6 unchanged" in again.output
    assert (stack.host.builds(), stack.host.builds("verify")) == (1, 1)


@pytest.mark.parametrize(
    "edit",
    ["packer/provision/docker.sh", "packer/provision/lib.sh", "packer/local.pkr.hcl"],
)
def test_changed_input_bakes_once_and_the_preview_names_it(stack: LocalStack, edit: str) -> None:
    stack.edit(edit)
    preview = stack.pulumi.preview("--diff").output
    assert f"{edit}=" in preview
    changed = [line for line in preview.splitlines() if line.lstrip().startswith(("~ [", "+ ["))]
    assert not [line for line in changed if "packer/provision/packages.sh=" in line]
    stack.up()
    stack.up()
    assert (stack.host.builds(), stack.host.builds("verify")) == (2, 2)
    assert stack.published() == ["dstack-0.14.qcow2"], "the new content has the name"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epoch", 1),
        ("prepull", [HELLO]),
        ("docker", {"source": "distribution", "version": "20.10.24"}),
    ],
)
def test_changed_setting_of_the_content_bakes(stack: LocalStack, key: str, value: object) -> None:
    stack.configure(**{key: value})
    stack.up()
    assert stack.bakes() == 2


def test_changed_source_image_bakes(stack: LocalStack) -> None:
    stack.host.set_source("debian-12-newer", b"another disk")
    stack.up()
    assert stack.bakes() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"clouds": {"local": {"variants": {"cpu": {}}, "memoryMb": 4096, "cpus": 1}}},
        {"timeLimitMinutes": 30},
        {"nvidia": {"branch": "590"}},
    ],
    ids=["machine size", "time limit", "driver branch"],
)
def test_what_is_not_content_never_bakes(stack: LocalStack, values: dict[str, object]) -> None:
    stack.configure(**values)
    stack.up()
    assert (stack.host.builds(), stack.host.builds("verify")) == (1, 1)


def test_environment_never_bakes(stack: LocalStack, tmp_path: Path) -> None:
    stack.pulumi.env.update(
        AWS_SECRET_ACCESS_KEY="rotated",
        DSTACK_IMAGES_LOGS=str(tmp_path / "other-logs"),
        GITHUB_RUN_NUMBER="77",
    )
    assert "6 unchanged" in stack.up().output
    assert stack.bakes() == 1


def test_changed_check_verifies_again_without_baking(stack: LocalStack) -> None:
    stack.edit("packer/checks/docker.sh")
    stack.up()
    assert (stack.host.builds(), stack.host.builds("verify")) == (1, 2)


def test_renamed_and_added_releases_bake_nothing(stack: LocalStack) -> None:
    stack.configure(releases=["0.14", "0.15rc1"])
    stack.up()
    assert stack.published() == ["dstack-0.14.qcow2", "dstack-0.15rc1.qcow2"]
    stack.configure(releases=["0.15"], prefix="stgn-3-")
    stack.up()
    assert stack.published() == ["stgn-3-dstack-0.15.qcow2"]
    assert (stack.host.builds(), stack.host.builds("verify")) == (1, 1)


def test_another_checkout_and_a_lost_state_find_the_content(
    stack: LocalStack, tmp_path: Path
) -> None:
    other = LocalStack.open(tmp_path, "elsewhere", stack.host)
    other.up()
    assert other.published() == ["dstack-0.14.qcow2"]
    assert (stack.host.builds(), stack.host.builds("verify")) == (1, 1)


def test_destroy_takes_the_names_and_leaves_the_content(stack: LocalStack) -> None:
    (stack.project / "dist" / "mine.qcow2").write_bytes(b"not the stack's")
    stack.pulumi.destroy()
    assert stack.published() == ["mine.qcow2"]
    assert not list((stack.project / "dist").glob(".*")), "labels went too"
    stack.up()
    assert stack.published() == ["dstack-0.14.qcow2", "mine.qcow2"]
    assert stack.bakes() == 1


def test_immutable_release_is_never_baked_again(stack: LocalStack) -> None:
    stack.configure(immutable=True)
    stack.up()
    before = stack.record()
    stack.edit("packer/provision/docker.sh")
    stack.up()
    assert stack.bakes() == 1
    assert stack.record() == before
    stack.configure(releases=["0.14", "0.15"])
    stack.up()
    assert stack.bakes() == 2, "a new release has the new content"


def test_what_did_not_pass_its_verification_is_no_release_yet(stack: LocalStack) -> None:
    """A workflow's `up`: a step is mended, and no other release is needed for it."""
    stack.pulumi.destroy()
    stack.edit("packer/provision/docker.sh")
    stack.configure(immutable=True)
    stack.host.behave({"do": "ok", "failed": ["docker"]})
    assert stack.pulumi.up("--continue-on-error", check=False).returncode != 0
    assert stack.published() == []
    stack.host.behave()
    baked = stack.bakes()
    stack.edit("packer/provision/docker.sh")
    stack.pulumi.up("--continue-on-error")
    assert stack.bakes() == baked + 1
    assert stack.published() == ["dstack-0.14.qcow2"]
    stack.edit("packer/provision/docker.sh")
    assert "behind its sources" in stack.up().output
    assert stack.bakes() == baked + 1


def test_what_pulumi_does_not_know_of_is_baked_anew_as_told(stack: LocalStack) -> None:
    """An `up` that ends at the first failure exports nothing of what it has found."""
    stack.pulumi.destroy()
    stack.edit("packer/provision/docker.sh")
    stack.configure(immutable=True)
    stack.host.behave({"do": "ok", "failed": ["docker"]})
    failed = stack.up(check=False).output
    assert "checks failed in a fresh machine" in failed, failed
    stack.edit("packer/provision/docker.sh")
    failed = stack.up(check=False).output
    told = re.search(r"pulumi up --replace '(\S+)'", failed)
    assert told, failed
    stack.host.behave()
    stack.pulumi.up("--replace", told[1])
    assert stack.published() == ["dstack-0.14.qcow2"]
    assert "behind its sources" not in stack.up().output


def test_refresh_changes_nothing(stack: LocalStack) -> None:
    stack.pulumi.refresh()
    assert "6 unchanged" in stack.up().output


def test_state_and_record_hold_no_secret(stack: LocalStack, tmp_path: Path) -> None:
    secret = "s3cr3t-" + "value"
    stack.pulumi.env.update(AWS_SECRET_ACCESS_KEY=secret, PULUMI_CONFIG_PASSPHRASE="")
    stack.edit("packer/provision/docker.sh")
    stack.up()
    assert "PULUMI_CONFIG_PASSPHRASE" not in stack.host.packer_saw()
    assert secret not in stack.host.packer_saw().values()
    kept = [path for path in stack.host.folder.rglob("*") if path.is_file()]
    kept += [path for path in stack.pulumi.home.rglob("*.json") if path.is_file()]
    assert not [path for path in kept if secret.encode() in path.read_bytes()]


def test_stack_file_stays_as_it_is_in_git(stack: LocalStack) -> None:
    text = (stack.project / "Pulumi.local.yaml").read_text()
    assert yaml.safe_load(text)["encryptionsalt"]
    stack.up()
    assert (stack.project / "Pulumi.local.yaml").read_text() == text
