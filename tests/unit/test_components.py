"""What is registered with Pulumi, seen by mocks."""

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_command import local

from components import bake, command
from components.local.image import LocalImage, LocalImageArgs
from images.host import Firmware
from images.local import LocalTarget
from tests.unit.unit_samples import bake_record, local_images, verification_record

pytestmark = pytest.mark.unit


class Mocks(pulumi.runtime.Mocks):
    """Answers for the commands as the bakery would."""

    def __init__(self) -> None:
        self.commands: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ != "command:local:Command":
            return args.name, args.inputs
        self.commands[args.name] = args.inputs
        answers = {
            "bake": bake_record("dstack-bake-cpu-1").model_dump_json(),
            "verify": verification_record("dstack-bake-cpu-1").model_dump_json(),
            "publish": '{"place":{"path":"/x","size_bytes":1,"sha256":"2"},"id":"3"}',
        }
        return args.name, {**args.inputs, "stdout": answers[args.name.rpartition("-")[2]]}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"nothing is looked up: {args.token}")


@pytest.fixture
def mocks() -> Mocks:
    asyncio.set_event_loop(asyncio.new_event_loop())
    found = Mocks()
    pulumi.runtime.set_mocks(found, "dstack-images", "test")
    return found


def image(checkout: Path, **changes: Any) -> LocalImage:
    target = LocalTarget(
        source_file=Path("/base.qcow2"),
        source_sha256="0" * 64,
        firmware=Firmware(code=Path("/CODE.fd"), variables=Path("/VARS.fd")),
        accelerator="tcg",
        cpus=2,
        memory_mb=2048,
        demo_registry=None,
    )
    wanted = local_images(checkout, prepull=[], **changes)[0]
    return LocalImage("image", LocalImageArgs(bake=bake.BakeArgs(wanted, target), place="d"))


def test_ignored_is_every_input_but_the_triggers() -> None:
    inputs = set(inspect.signature(local.CommandArgs.__init__).parameters) - {
        "__self__",
        "triggers",
    }
    assert {
        re.sub("[A-Z]", lambda c: f"_{c[0].lower()}", name) for name in command.IGNORED
    } == inputs


@pulumi.runtime.test
def test_bake_verify_publish(mocks: Mocks, checkout: Path) -> Any:
    made = image(checkout)

    def look(found: Any) -> None:
        assert set(mocks.commands) == {"image-bake", "image-verify", "image-publish"}
        baked = mocks.commands["image-bake"]
        assert "delete" not in baked
        assert any(part.startswith("packer/provision/docker.sh=") for part in baked["triggers"])
        assert mocks.commands["image-verify"]["triggers"][0] == "d" * 64
        published = mocks.commands["image-publish"]
        assert published["triggers"] == ["dstack-bake-cpu-1", "dstack-0.14", "d"]
        assert "unpublish" in published["delete"]
        assert found.verification.checks[0].name == "boot"
        assert found.place.path == "/x"

    return made.image.apply(look)


@pulumi.runtime.test
def test_stack_that_does_not_verify_says_so(mocks: Mocks, checkout: Path) -> Any:
    made = image(checkout, verify=False)

    def look(found: Any) -> None:
        assert "image-verify" not in mocks.commands
        assert found.verification is None

    return made.image.apply(look)
