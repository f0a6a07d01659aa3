"""What is configured for Azure."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from components.cloud_settings import RegionalSettings
from components.fields import Github, Network, Strict, Text
from images.catalog import Cloud, Variant

#: Where dstack's server starts machines (its Azure backend).
SERVED = [
    *("centralus", "eastus", "eastus2", "southcentralus", "westus2", "westus3", "canadacentral"),
    *("francecentral", "germanywestcentral", "northeurope", "swedencentral", "uksouth"),
    *("westeurope", "southeastasia", "eastasia", "brazilsouth"),
]
_SOURCE = re.compile(r"[\w.-]+:[\w.-]+:[\w.-]+(:\d+\.\d+\.\d+)?")


def _source(value: str) -> str:
    if not _SOURCE.fullmatch(value):
        raise ValueError(
            "a source is publisher:offer:sku of the marketplace, of which the newest version is "
            "meant (canonical:ubuntu-24_04-lts:server), or has a version behind "
            "(canonical:ubuntu-24_04-lts:server:24.04.202508280)"
        )
    return value


Source = Annotated[str, AfterValidator(_source)]
# "Naming rules and restrictions for Azure resources".
Group = Annotated[str, StringConstraints(pattern=r"^[\w.()-]{0,89}[\w()-]$")]
GalleryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([\w.]{0,78}[A-Za-z0-9])?$")]
ObjectId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Replicas = Annotated[int, Field(ge=1, le=100)]


class ClientSecret(Strict):
    """A secret of the stack's service principal: the first `up` of each period makes a new one."""

    rotate_after_days: Annotated[int, Field(ge=1, le=365)] = 90


class Community(Strict):
    """What everyone reads of a gallery that the stack makes; Azure wants all of it."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{5,16}$")]
    publisher: Annotated[str, StringConstraints(pattern=r"^https?://")]
    contact: Annotated[str, StringConstraints(pattern=r"^\S+@\S+$")]
    eula: Annotated[str, StringConstraints(pattern=r"^https?://")]


class Azure(RegionalSettings):
    """Managed images in `resourceGroup`; a gallery there where the stack is public.

    Azure makes images where their disks are, and Packer makes machines where their group is: so
    machines, content, published images and the gallery are all in `location`. The group of content
    is only a name for what is in it, and may be somewhere else.
    """

    cloud: ClassVar[Cloud] = "azure"

    source: Source
    location: Text = "eastus"
    packer_group: Group = "packer"
    packer_location: Text = "eastus"
    build_group: Group | None = None
    resource_group: Group
    adopt: list[Text] = Field(default_factory=list[str])
    gallery: GalleryName | None = None
    community: Community | None = None
    public_name: Text | None = None
    regions: list[str] = Field(default=SERVED, min_length=1)
    replicas: dict[str, Replicas] = Field(default_factory=dict[str, int])
    end_of_life_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    machine: Text = "Standard_D2s_v6"
    verify_machines: dict[Variant, Text] = Field(default_factory=dict[Variant, str])
    disk_gb: Annotated[int, Field(ge=30, le=30)] = 30
    ssh_from: list[Network] = Field(default_factory=list[str])
    github: Github | None = None
    client_secret: ClientSecret | None = None
    scope: Literal["groups", "subscription"] = "groups"
    operators: list[ObjectId] = Field(default_factory=list[str])
    endpoint: Annotated[str, StringConstraints(pattern=r"^https://")] | None = None

    @property
    def builds_in(self) -> str:
        """The group of machines, which is in `location`."""
        if self.build_group is not None:
            return self.build_group
        if self.packer_location == self.location:
            return self.packer_group
        return f"{self.packer_group}-build-{self.location}"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if wrong := sorted(set(self.replicas) - set(self.regions)):
            raise ValueError(f"replicas names {', '.join(wrong)}, which regions has not")
        if self.builds_in == self.packer_group and self.packer_location != self.location:
            raise ValueError(
                f"buildGroup and packerGroup are both {self.packer_group}, which can be in "
                "packerLocation or in location, and those differ"
            )
        known = {self.packer_group, self.builds_in, self.resource_group, self.gallery}
        if wrong := [name for name in self.adopt if name not in known]:
            raise ValueError(
                f"adopt names {', '.join(wrong)}, which is neither a group nor a gallery of this "
                "stack"
            )
        return self
