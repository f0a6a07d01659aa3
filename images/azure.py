"""Azure: what the bakery has to know of where it works, and where images are."""

from datetime import date
from typing import Literal

from pydantic import Field

from images.record import Fact


class AzureSubscription(Fact):
    """A subscription."""

    subscription: str
    tenant: str
    endpoint: str | None = Field(description="Of all services, where it is not Azure's own.")


class AzureGroups(AzureSubscription):
    """The groups of what is baked."""

    group: str = Field(description="Where content is, in whichever location the group itself is.")
    build_group: str = Field(description="Of the machines, and in the location. May be `group`.")


class AzureTarget(AzureGroups):
    """A location of a subscription, the groups there and what is in them."""

    cloud: Literal["azure"] = "azure"
    location: str
    publication: str = Field(description="The group of published names.")
    gallery: str | None = Field(description="Of that group, where the stack is public.")
    public_name: str | None = Field(description="Of the gallery, as servers have it, if given.")
    source: str
    vm_size: str
    verify_vm_size: str
    ssh_from: list[str] = Field(description="Networks; empty: the address of whoever drives.")
    account: str = Field(description="Of storage: where records and logs are kept.")
    container: str
    fresh_identity: bool = Field(
        description="The stack gave whoever bakes their rights: Azure may not know them yet."
    )


class AzureGallery(Fact):
    """A gallery image version. `public_name` is what the server needs of a community gallery."""

    name: str
    public_name: str
    definition_id: str
    version: str
    version_id: str
    replicas: dict[str, int] = Field(description="Regions, and the copies in each.")
    end_of_life: date | None

    def address(self, image: str) -> str:
        """How servers write an image of it; Azure takes the newest version."""
        return f"/CommunityGalleries/{self.public_name}/Images/{image}"


class AzurePlace(Fact):
    """A managed image where it is private, a gallery image version where it is public."""

    cloud: Literal["azure"] = "azure"
    subscription_id: str
    resource_group: str
    location: str
    managed_image_id: str | None
    gallery: AzureGallery | None
    hyper_v_generation: Literal["V2"] = "V2"
    disk_controller_types: list[str] = Field(
        description="What servers may boot it with: a managed image promises nothing."
    )

    def ids(self) -> dict[str, str]:
        """Resource group to managed image, or gallery to gallery image version."""
        ids = {self.gallery.name: self.gallery.version_id} if self.gallery else {}
        if self.managed_image_id is not None:
            ids[self.resource_group] = self.managed_image_id
        return ids
