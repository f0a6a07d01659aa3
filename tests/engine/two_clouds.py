"""A stack in two clouds, of which each can be out of reach."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.engine.cloud_harness import CloudHarness
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import CHECKOUT, Finished
from tests.fakes.warm_python import WarmPython


class TwoClouds:
    """The committed stack `staging` with one variant in each."""

    def __init__(self, folder: Path, worlds: list[CloudHarness], warm: WarmPython) -> None:
        self.stack = CloudStack.open(folder, worlds[0], warm)
        self._worlds = {world.cloud: world for world in worlds}
        config = yaml.safe_load((CHECKOUT / "Pulumi.staging.yaml").read_text(encoding="utf-8"))
        self._sections = {
            cloud: config["config"]["dstack-images:clouds"][cloud] for cloud in self._worlds
        }
        for cloud, world in self._worlds.items():
            self.stack.pulumi.env.update(world.env())
            world.settle(self._sections[cloud])
            self.configure_cloud(cloud, variants={"cpu": {}})

    def configure(self, **values: object) -> None:
        self.stack.configure(**values)

    def configure_cloud(self, cloud: str, **values: Any) -> None:
        self._sections[cloud].update(values)
        self.stack.configure(clouds=self._sections)

    def lose(self, cloud: str, which: str = "expired") -> None:
        """The login of that cloud is over from now on, or there is none."""
        self.stack.pulumi.env.update(self._worlds[cloud].broken_env(which))

    def renew(self, cloud: str) -> None:
        world = self._worlds[cloud]
        for variable in {**world.broken_env("none"), **world.broken_env("expired")}:
            self.stack.pulumi.env.pop(variable, None)
        self.stack.pulumi.env.update(world.env())

    def up(self, *args: str, check: bool = True) -> Finished:
        return self.stack.pulumi.up(*args, check=check)

    def previewed(self) -> Finished:
        """A preview as a workflow's job makes it."""
        return self.stack.pulumi.workflow("preview", self.stack.pulumi.stack)

    def published(self, cloud: str) -> list[str]:
        """The names in that cloud, each as often as it is there."""
        found = self._worlds[cloud].published().values()
        return sorted(name for names in found for name in names)

    def state_of(self, cloud: str) -> list[dict[str, Any]]:
        """All that Pulumi knows of the cloud, its provider left out."""
        # Secrets are encrypted anew each time that the state is written.
        text = re.sub(
            r'"ciphertext": "[^"]*"', '"ciphertext": ""', json.dumps(self.stack.pulumi.resources())
        )
        return [one for one in json.loads(text) if f"::{cloud}-" in one["urn"]]

    def told(self) -> list[str | None]:
        """Which release is current by the contract, by its own output, and to a server."""
        outputs = self.stack.pulumi.outputs()
        env = outputs.get("server_env") or {}
        current = outputs["contract"]["current"]
        return [current, outputs.get("version"), env.get("DSTACK_VM_BASE_IMAGE_VERSION")]

    def missing(self) -> dict[str, str]:
        """Release, cloud and place to the reason."""
        return {
            f"{release['version']} {image['cloud']} {one['place']}": one["reason"]
            for release in self.stack.pulumi.outputs()["contract"]["releases"]
            for image in release["images"]
            for one in image["missing"]
        }
