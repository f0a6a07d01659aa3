"""Mistakes of the user: one clear error before anything is made."""

import shutil
from pathlib import Path

import pytest

from tests.engine.literal_pulumi import offline_folders
from tests.engine.local_stack import LocalStack
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine


@pytest.fixture
def stack(tmp_path: Path, warm: WarmPython) -> LocalStack:
    return LocalStack.open(tmp_path, warm=warm)


def refused(stack: LocalStack, *words: str) -> None:
    """`up` fails with these words, without a traceback, and has made nothing."""
    failed = stack.up(check=False)
    assert failed.returncode != 0
    for word in words:
        assert word in failed.output
    # The real Python host shows a traceback of its own when the engine ends it.
    assert f'File "{stack.project}' not in failed.output
    assert stack.bakes() == 0
    assert not [r for r in stack.pulumi.resources() if r["type"] == "command:local:Command"]
    assert not stack.host.left_behind()


def test_all_mistakes_are_told_at_once(stack: LocalStack) -> None:
    stack.configure(
        colour="red",
        releases=["v1"],
        clouds={"local": {"variants": {"gpu": {}}}, "mars": {}},
        docker={"source": "snap"},
    )
    refused(
        stack,
        "has 5 mistakes",
        "dstack-images:colour: there is no such key",
        'dstack-images:releases[0] is "v1"',
        'clouds.local.variants.gpu: local has no "gpu"; allowed: cpu, cuda, grid',
        "dstack-images:clouds.mars: there is no such key; allowed: aws, azure, gcp, local, oci",
        'dstack-images:docker.source is "snap"',
    )


def test_machine_that_is_not_set_up(stack: LocalStack) -> None:
    (stack.host.home / "machine.json").unlink()
    refused(stack, "make setup")


def test_source_that_set_up_did_not_provide(stack: LocalStack) -> None:
    stack.configure(clouds={"local": {"variants": {"cpu": {}}, "source": "ubuntu-24.04"}})
    refused(stack, "make setup SOURCE=ubuntu-24.04")


def test_step_that_cannot_be_read(stack: LocalStack) -> None:
    (stack.project / "packer/provision/docker.sh").unlink()
    refused(stack, "packer/provision/docker.sh", "No such file")


def test_no_qemu(stack: LocalStack) -> None:
    nowhere = stack.host.folder / "nowhere"
    nowhere.mkdir()
    (stack.host.bin / "qemu-img").unlink()
    tools = ["sh", "ssh-keygen", "git", "dirname", "readlink", "env", "pulumi"]
    plugins = ["pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-command"]
    for tool in (*tools, *plugins):
        if found := shutil.which(tool):
            (nowhere / tool).symlink_to(found)
    stack.pulumi.env["PATH"] = ":".join([str(stack.host.bin), str(nowhere), *offline_folders()])
    refused(stack, "there is no qemu-img on PATH", "make setup")


def test_base_image_is_gone(stack: LocalStack) -> None:
    next((stack.host.home / "base").iterdir()).unlink()
    refused(stack, "no longer there", "run `make setup`")


def test_base_image_with_the_wrong_checksum(stack: LocalStack) -> None:
    next((stack.host.home / "base").iterdir()).write_bytes(b"other bits")
    refused(stack, "is not the one that set-up made", "make setup")
