"""The project's own local stack on the real engine, with a Packer that does as it is told."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.engine.literal_pulumi import CHECKOUT, Finished, Pulumi, copy_project, offline_folders
from tests.fakes.fake_host import FakeHost
from tests.fakes.warm_python import WarmPython


@dataclass(frozen=True)
class LocalStack:
    """A copy of the checkout with the stack `local` in it."""

    pulumi: Pulumi
    host: FakeHost

    @classmethod
    def open(
        cls,
        folder: Path,
        checkout: str = "checkout",
        host: FakeHost | None = None,
        warm: WarmPython | None = None,
    ) -> "LocalStack":
        host = host or FakeHost.open(folder / "host")
        project = copy_project(CHECKOUT, folder / checkout)
        env = host.env()
        if warm:
            warm.link(project / ".venv")
            own = env["PATH"].removeprefix(f"{host.bin}:")
            env["PATH"] = ":".join([str(host.bin), *warm.folders(offline_folders()), own])
        else:
            (project / ".venv").symlink_to(CHECKOUT / ".venv")
        stack = cls(Pulumi(project, folder / f"{checkout}-pulumi", "local", env), host)
        stack.configure(prepull=[])
        stack.pulumi.init()
        return stack

    @property
    def project(self) -> Path:
        return self.pulumi.project

    def configure(self, **values: object) -> None:
        """Changes keys of Pulumi.local.yaml, as an editor would; None takes one away."""
        file = self.project / "Pulumi.local.yaml"
        content = yaml.safe_load(file.read_text())
        for key, value in values.items():
            name = f"dstack-images:{key}"
            if value is None:
                content["config"].pop(name, None)
            else:
                content["config"][name] = value
        file.write_text(yaml.safe_dump(content))

    def edit(self, file: str) -> None:
        """Changes a file of the project so that its content is another."""
        path = self.project / file
        path.write_text(path.read_text() + "\n# edited\n")

    def up(self, *, check: bool = True) -> Finished:
        return self.pulumi.up(check=check)

    def published(self) -> list[str]:
        """Names in the folder of published images."""
        return sorted(path.name for path in (self.project / "dist").glob("*.qcow2"))

    def bakes(self) -> int:
        """How often Packer has baked."""
        return self.host.builds()

    def record(self) -> dict[str, object]:
        """The contract's first image."""
        return self.pulumi.images()[0]


@dataclass(frozen=True)
class Snapshot:
    """A stack as it was, with its machine and its state, in the folder in which it was."""

    folder: Path
    env: Mapping[str, str]

    @classmethod
    def of(cls, stack: LocalStack) -> "Snapshot":
        """Of a stack that was opened in a folder of its own."""
        snapshot = cls(stack.project.parent, dict(stack.pulumi.env))
        shutil.copytree(snapshot.folder, snapshot._kept, symlinks=True)
        return snapshot

    def restore(self) -> LocalStack:
        shutil.rmtree(self.folder)
        shutil.copytree(self._kept, self.folder, symlinks=True)
        host = FakeHost(self.folder / "host")
        project = self.folder / "checkout"
        home = self.folder / "checkout-pulumi"
        return LocalStack(Pulumi(project, home, "local", dict(self.env)), host)

    @property
    def _kept(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-kept")


def changes(preview: Finished) -> dict[str, int]:
    """How many resources a `preview --json` would create, replace, delete, leave."""
    return json.loads(preview.stdout)["changeSummary"]
