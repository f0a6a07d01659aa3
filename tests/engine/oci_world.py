"""Oracle Cloud, played by a tenancy of ours."""

from typing import Any

from images.naming import BAKES
from tests.fakes.oci_jobs import SUBNET, add_image
from tests.simulators.oci.server import OTHER_FINGERPRINT, OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.simulators.oci.tenancy import REGIONS


class OciWorld:
    cloud = "oci"
    publication = "oci:Core/image:Image"
    prod_places: tuple[str, ...] = REGIONS
    another_place: str | None = "eu-milan-1"

    def __init__(self, tenancy: OciTenancy) -> None:
        self.tenancy = tenancy
        self.credentials_words = {
            "none": "did not find a proper configuration",
            "expired": "does not let the credentials of this environment see the compartment",
        }

    def name(self, name: str) -> str:
        return name

    def env(self) -> dict[str, str]:
        return self.tenancy.env()

    def other_env(self) -> dict[str, str]:
        return self.tenancy.env(fingerprint=OTHER_FINGERPRINT)

    def broken_env(self, which: str) -> dict[str, str]:
        if which == "none":
            return {"OCI_CONFIG_FILE": "/nowhere/config"}
        return self.tenancy.env(fingerprint=":".join(["0c"] * 16))

    def settle(self, section: dict[str, Any]) -> None:
        section["compartment"] = COMPARTMENT
        section["subnet"] = SUBNET
        section["source"] = self.tenancy.api.region(HOME).images.platform()["id"]

    def published(self) -> dict[str, list[str]]:
        found = {
            region: sorted(
                one["displayName"]
                for one in self.tenancy.api.images(region)
                if not one["displayName"].startswith(BAKES)
            )
            for region in self.tenancy.api.subscribed
        }
        return {region: names for region, names in found.items() if names}

    def is_public(self, place: str, name: str) -> bool:
        """Whether it is on its way to everyone: the review is Oracle's."""
        market = self.tenancy.api.region(place).market
        return any(
            one["name"] == name and one["lifecycleState"] in ("CREATING", "ACTIVE")
            for one in market.publications.values()
        )

    def bakes(self) -> list[str]:
        names = [one["displayName"] for one in self.tenancy.api.images(HOME)]
        return sorted(name for name in names if name.startswith(BAKES))

    def squat(self, name: str) -> None:
        add_image(self.tenancy, name)

    def remove(self, place: str, name: str) -> None:
        images = self.tenancy.api.region(place).images.all
        (id,) = (id for id, one in images.items() if one["displayName"] == name)
        del images[id]
