"""Azure, played by a subscription of ours."""

from typing import Any

from images.naming import BAKES
from tests.simulators.azure.login import EXPIRED_SECRET, OTHER_SECRET, PERSON, SECRET
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import (
    OLD_DEFINITION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)

PACKER_GROUP, BUILD_GROUP = "packer", "packer-build-westeurope"


class AzureWorld:
    cloud = "azure"
    publication = "azure-native:compute:Image"
    prod_places: tuple[str, ...] = (
        *("centralus", "eastus", "eastus2", "southcentralus", "westus2", "westus3"),
        *("canadacentral", "francecentral", "germanywestcentral", "northeurope"),
        *("swedencentral", "uksouth", "westeurope", "southeastasia", "eastasia", "brazilsouth"),
    )
    another_place: str | None = None

    def __init__(self, subscription: AzureSubscription) -> None:
        self.subscription = subscription
        self.credentials_words = {"none": "az login", "expired": "AADSTS7000222"}

    def name(self, name: str) -> str:
        return name

    def env(self) -> dict[str, str]:
        return self._env(SECRET)

    def other_env(self) -> dict[str, str]:
        return self._env(OTHER_SECRET)

    def broken_env(self, which: str) -> dict[str, str]:
        if which == "expired":
            return self._env(EXPIRED_SECRET)
        names = ("CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "SUBSCRIPTION_ID")
        return {f"{prefix}_{name}": "" for prefix in ("ARM", "AZURE") for name in names}

    def settle(self, section: dict[str, Any]) -> None:
        section["endpoint"] = self.subscription.address
        section["sshFrom"] = ["192.0.2.1/32"]

    def published(self) -> dict[str, list[str]]:
        managed = self.subscription.images(PUBLISHED_GROUP)
        found = {
            PUBLISHED_GROUP: sorted(name for name in managed if not name.startswith(BAKES)),
            **self.subscription.offered(PUBLISHED_GALLERY),
        }
        ours = {
            place: [name for name in names if name != OLD_DEFINITION]
            for place, names in found.items()
        }
        return {place: names for place, names in ours.items() if names}

    def is_public(self, place: str, name: str) -> bool:
        shared = self.subscription.is_public(PUBLISHED_GALLERY)
        return shared and name in self.subscription.offered(PUBLISHED_GALLERY).get(place, [])

    def bakes(self) -> list[str]:
        managed = self.subscription.images(PACKER_GROUP)
        return sorted(name for name in managed if name.startswith(BAKES))

    def squat(self, name: str) -> None:
        self.subscription.add_image(PUBLISHED_GROUP, name)

    def remove(self, place: str, name: str) -> None:
        self.subscription.remove(self.subscription.images(place)[name]["id"])

    def _env(self, secret: str) -> dict[str, str]:
        person = {
            "CLIENT_ID": PERSON,
            "CLIENT_SECRET": secret,
            "TENANT_ID": TENANT,
            "SUBSCRIPTION_ID": SUBSCRIPTION,
        }
        trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), self.subscription.ca_file)
        both = {f"{prefix}_{name}": person[name] for prefix in ("ARM", "AZURE") for name in person}
        return {**both, **trust}
