"""How resources are registered: what may run again, what waits for what, what is ignored."""

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks as runtime
from pulumi_command import local as command

from components.local import cloud as local
from config.load import load
from images.host import Demo, Firmware, Host, Source
from tests.unit.unit_samples import LOCAL, bake_record, flat, stack_of, verification_record

pytestmark = pytest.mark.unit

#: The bake that the store has, which in an immutable stack is not what inputs would make today.
KEPT = "dstack-bake-cpu-of-long-ago"
SECRETS = {
    "PULUMI_CONFIG_PASSPHRASE": "geheim-1",
    "AWS_SECRET_ACCESS_KEY": "geheim-2",
    "ARM_CLIENT_SECRET": "geheim-3",
}


class Answers(pulumi.runtime.Mocks):
    """Answers for the commands as the bakery would."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        answers = {
            "bake": bake_record(KEPT).model_dump_json(),
            "verify": verification_record(KEPT).model_dump_json(),
            "publish": '{"place":{"path":"/x","size_bytes":1,"sha256":"2"},"id":"3"}',
        }
        stdout = answers.get(args.name.rpartition("-")[2], "")
        return args.name, {**args.inputs, "stdout": stdout}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"nothing is looked up: {args.token}")


class Monitor(runtime.MockMonitor):
    """Keeps the requests whole: mocks are not told of a resource's options."""

    def __init__(self) -> None:
        super().__init__(Answers())
        self.requests: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # the protocol's name
        self.requests[f"{request.type.rpartition(':')[2]} {request.name}"] = request
        return super().RegisterResource(request)

    def command(self, name: str) -> Any:
        return self.requests[f"Command local-cpu-0.14-{name}"]

    def stdin(self, name: str) -> dict[str, Any]:
        return json.loads(self.command(name).object["stdin"])


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Monitor:
    """A machine that is set up, under an engine that only takes notes."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    disk = tmp_path / "base.qcow2"
    disk.write_bytes(b"disk")
    machine = Host(
        source=Source(name="debian-12-1", file=disk, sha256="0" * 64),
        accelerator="tcg",
        firmware=Firmware(code=disk, variables=disk),
        prepull=None,
    )
    (tmp_path / "machine.json").write_text(machine.model_dump_json(), encoding="utf-8")
    asyncio.set_event_loop(asyncio.new_event_loop())
    found = Monitor()
    pulumi.runtime.set_mocks(Answers(), "dstack-images", "test", monitor=found)
    return found


def images(**changes: Any) -> pulumi.Output[list[Any]]:
    settings = load(flat({**LOCAL, **changes}))
    return pulumi.Output.all(*local.reach(stack_of(**changes), settings)())


def as_written(name: str) -> str:
    """An input's name as the engine knows it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


INPUTS = {
    as_written(name)
    for name in inspect.signature(command.CommandArgs.__init__).parameters
    if not name.startswith("__")
}


@pytest.mark.parametrize("immutable", [False, True])
@pulumi.runtime.test
def test_only_a_changed_trigger_bakes_and_in_an_immutable_stack_not_even_that(
    monitor: Monitor, immutable: bool
) -> Any:
    def look(_images: Any) -> None:
        ignored = INPUTS if immutable else INPUTS - {"triggers"}
        for name in ("bake", "verify", "publish"):
            assert set(monitor.command(name).ignoreChanges) == ignored, name
            assert monitor.command(name).object["triggers"].values

    return images(immutable=immutable).apply(look)


@pulumi.runtime.test
def test_each_waits_for_the_one_before(monitor: Monitor) -> Any:
    def look(_images: Any) -> None:
        def waits_for(name: str) -> str:
            return " ".join(monitor.command(name).dependencies)

        assert "local-cpu-0.14-bake" in waits_for("verify")
        assert "local-cpu-0.14-verify" in waits_for("publish"), "nothing unverified is published"
        assert not waits_for("bake")

    return images().apply(look)


@pulumi.runtime.test
def test_content_outlives_the_stack_and_a_name_does_not(monitor: Monitor) -> Any:
    def look(_images: Any) -> None:
        assert "delete" not in monitor.command("bake").object
        assert "delete" not in monitor.command("verify").object
        assert "bakery unpublish" in monitor.command("publish").object["delete"]

    return images().apply(look)


@pulumi.runtime.test
def test_pulumi_waits_longer_than_the_bakery_does(monitor: Monitor) -> Any:
    def look(_images: Any) -> None:
        for name in ("bake", "verify"):
            limit = monitor.stdin(name)["time_limit"]
            assert limit == 7 * 60
            minutes = int(monitor.command(name).customTimeouts.create.removesuffix("m"))
            assert minutes * 60 >= limit + 120, "or the bakery never tells why"

    return images(timeLimitMinutes=7).apply(look)


@pulumi.runtime.test
def test_progress_is_shown_and_the_record_is_not(monitor: Monitor) -> Any:
    def look(_images: Any) -> None:
        for name in ("bake", "verify", "publish"):
            assert monitor.command(name).object["logging"] == "stderr"

    return images().apply(look)


@pulumi.runtime.test
def test_no_secret_and_no_place_of_the_checkout_in_what_causes_a_bake(monitor: Monitor) -> Any:
    def look(_images: Any) -> None:
        every = " ".join(str(request) for request in monitor.requests.values())
        assert "geheim" not in every
        project = str(Path(__file__).parents[2])
        for name in ("bake", "verify", "publish"):
            inputs = monitor.command(name).object
            assert project not in str(inputs["triggers"]) + inputs["create"]

    return images().apply(look)


@pulumi.runtime.test
def test_what_was_baked_is_verified_and_published_not_what_would_be_today(monitor: Monitor) -> Any:
    def look(found: Any) -> None:
        assert monitor.stdin("bake")["bake"] != KEPT
        assert monitor.stdin("verify")["bake"] == KEPT
        assert monitor.stdin("publish")["bake"] == KEPT
        assert found[0].content.bake == KEPT

    return images(immutable=True).apply(look)


@pytest.mark.parametrize(
    ("releases", "variants"), [(["0.14"], ["cpu"]), (["0.13", "0.14"], ["cpu", "cuda"])]
)
@pulumi.runtime.test
def test_five_resources_for_an_image(
    monitor: Monitor, releases: list[str], variants: list[str]
) -> Any:
    def look(found: Any) -> None:
        count = len(releases) * len(variants)
        assert len(found) == count
        kinds = [name.split()[0] for name in monitor.requests if not name.startswith("Stack ")]
        assert {kind: kinds.count(kind) for kind in kinds} == {
            "LocalImage": count,
            "Bake": count,
            "Command": 3 * count,
        }
        assert {(image.version, image.name) for image in found} >= {
            (release, f"dstack-{release}") for release in releases
        }

    return images(
        releases=releases, clouds={"local": {"variants": {variant: {} for variant in variants}}}
    ).apply(look)


@pulumi.runtime.test
def test_demonstration_instead_of_what_cannot_be_pulled(monitor: Monitor, tmp_path: Path) -> Any:
    file = tmp_path / "machine.json"
    machine = Host.model_validate_json(file.read_text(encoding="utf-8"))
    demo = Demo(images=["factory-demo/hello:1"], registry=tmp_path)
    file.write_text(
        machine.model_copy(update={"prepull": demo}).model_dump_json(), encoding="utf-8"
    )

    def look(_images: Any) -> None:
        job = monitor.stdin("bake")
        assert job["environment"]["PREPULL"] == "factory-demo/hello:1"
        assert job["target"]["demo_registry"] == str(tmp_path)
        assert "PREPULL=factory-demo/hello:1" in job["inputs"], "another content, plain to see"

    return images(prepull=["dstackai/base:0.15-base-ubuntu24.04"]).apply(look)
