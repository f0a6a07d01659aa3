"""The project's own stacks `staging` and `prod` on the real engine, in simulated clouds."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.engine.cloud_harness import CloudHarness
from tests.engine.literal_pulumi import CHECKOUT, Finished, Pulumi, copy_project, offline_folders
from tests.fakes.fake_host import FakeHost
from tests.fakes.warm_python import WarmPython
from tests.simulators.pulumi.run_simulator import PROVIDERS
from tests.simulators.pulumi.run_simulator import __file__ as simulator
from tests.simulators.pulumi.simulated_clouds import SimulatedClouds


@dataclass(frozen=True)
class CloudStack:
    """A copy of the checkout with one stack in it, which has one cloud."""

    pulumi: Pulumi
    host: FakeHost
    clouds: SimulatedClouds
    world: CloudHarness

    @classmethod
    def open(
        cls,
        folder: Path,
        world: CloudHarness,
        warm: WarmPython | None = None,
        stack: str = "staging",
        beside: "CloudStack | None" = None,
    ) -> "CloudStack":
        """The stack as it is committed, less its other clouds, and of a release that no commit
        moves. `beside`: in that one's clouds, on that one's machine. `warm`: None for what is
        about signals, kills or time."""
        host = beside.host if beside else FakeHost.open(folder / "host")
        clouds = beside.clouds if beside else SimulatedClouds(folder / "clouds")
        project = copy_project(CHECKOUT, folder / stack)
        # A stack with clouds refuses the empty one, that of this machine's stack.
        secret = {"PULUMI_CONFIG_PASSPHRASE": "of the simulated clouds"}
        found = {**host.env(), **clouds.env(), **world.env(), **secret}
        opened = cls(Pulumi(project, folder / f"{stack}-pulumi", stack, found), host, clouds, world)
        if warm:
            opened.with_warm_python(warm)
        else:
            opened.with_real_python()
        opened.configure(releases=["0.14"])
        opened.edit_file(lambda config: world.settle(opened.cloud_of(config)))
        if stack == "prod":
            opened.edit_file(opened._with_checksum)
        opened.pulumi.init()
        return opened

    def with_warm_python(self, warm: WarmPython) -> None:
        plugins = [
            warm.plugin(f"pulumi-resource-{name}", Path(simulator), name) for name in PROVIDERS
        ]
        self._path(*warm.folders(offline_folders()), *plugins)
        warm.link(self._venv())

    def with_real_python(self) -> None:
        self._path()
        self._venv().symlink_to(CHECKOUT / ".venv")

    def _path(self, *folders: str) -> None:
        path = [str(self.host.bin), *folders, self.clouds.env()["PATH"]]
        self.pulumi.env["PATH"] = ":".join(path)

    def _venv(self) -> Path:
        """Where the project's environment is to be; there is none then."""
        venv = self.project / ".venv"
        venv.unlink(missing_ok=True)
        return venv

    @property
    def project(self) -> Path:
        return self.pulumi.project

    def _with_checksum(self, config: dict[str, Any]) -> None:
        """What a person computes once, before the first `up` of a stack with the variant grid."""
        config["dstack-images:nvidia"]["grid"].setdefault("sha256", "0" * 64)

    def cloud_of(self, config: dict[str, Any]) -> dict[str, Any]:
        """The section of this cloud, once it is the only one."""
        clouds = config["dstack-images:clouds"]
        config["dstack-images:clouds"] = {self.world.cloud: clouds[self.world.cloud]}
        return clouds[self.world.cloud]

    def edit_file(self, change: Any) -> None:
        file = self.project / f"Pulumi.{self.pulumi.stack}.yaml"
        content = yaml.safe_load(file.read_text())
        change(content["config"])
        file.write_text(yaml.safe_dump(content))

    def configure(self, **values: object) -> None:
        """Changes keys of the stack's file, as an editor would."""
        self.edit_file(
            lambda config: config.update({f"dstack-images:{k}": v for k, v in values.items()})
        )

    def configure_cloud(self, **values: object) -> None:
        """Changes keys of the cloud's section."""
        self.edit_file(lambda config: self.cloud_of(config).update(values))

    def edit(self, file: str) -> None:
        """Changes a file of the project so that its content is another."""
        path = self.project / file
        path.write_text(path.read_text() + "\n# edited\n")

    def up(self, *, check: bool = True) -> Finished:
        return self.pulumi.up(check=check)

    def runs(self) -> tuple[int, int]:
        """How often Packer has baked and verified."""
        return self.host.builds(), self.host.builds("verify")

    def record(self) -> dict[str, Any]:
        """The record of the first bake, as the state keeps it."""
        for command in self.pulumi.resources("command:local:Command"):
            if command["urn"].endswith("-bake"):
                return json.loads(command["outputs"]["stdout"])
        raise LookupError("nothing is baked")

    def images(self) -> dict[str, dict[str, dict[str, str]]]:
        """The output of that name, of this cloud: variant to place to id."""
        return self.pulumi.outputs()["images"][self.world.cloud]
