"""Google Cloud, played by a project of ours."""

from typing import Any

from images.naming import BAKES
from tests.simulators.gcp.project import PROJECT, GcpProject


class GcpWorld:
    cloud = "gcp"
    publication = "gcp:compute/image:Image"
    prod_places: tuple[str, ...] = (PROJECT,)
    another_place: str | None = None

    def __init__(self, project: GcpProject) -> None:
        self.project = project
        self.credentials_words = {
            "none": "default credentials were not found",
            "expired": "does not let the credentials of this environment see the project",
        }

    def name(self, name: str) -> str:
        return name.replace(".", "-")

    def env(self) -> dict[str, str]:
        return {"GOOGLE_OAUTH_ACCESS_TOKEN": "testing"}

    def other_env(self) -> dict[str, str]:
        return {"GOOGLE_OAUTH_ACCESS_TOKEN": "tomorrow's"}

    def broken_env(self, which: str) -> dict[str, str]:
        if which == "expired":
            return {"GOOGLE_OAUTH_ACCESS_TOKEN": "EXPIRED"}
        # Neither this machine's `gcloud` nor a virtual machine of Google's has any.
        elsewhere = {"CLOUDSDK_CONFIG": "/nowhere", "NO_GCE_CHECK": "true"}
        return {"GOOGLE_OAUTH_ACCESS_TOKEN": "", **elsewhere}

    def settle(self, section: dict[str, Any]) -> None:
        section["endpoint"] = self.project.address
        section["project"] = PROJECT

    def published(self) -> dict[str, list[str]]:
        names = sorted(name for name in self.project.images() if not name.startswith(BAKES))
        return {PROJECT: names} if names else {}

    def is_public(self, place: str, name: str) -> bool:
        bindings = self.project.api.policies.get(name, {}).get("bindings", [])
        return any("allAuthenticatedUsers" in binding["members"] for binding in bindings)

    def bakes(self) -> list[str]:
        return sorted(name for name in self.project.images() if name.startswith(BAKES))

    def squat(self, name: str) -> None:
        self.project.add_image(name)

    def remove(self, place: str, name: str) -> None:
        del self.project.images()[name]
