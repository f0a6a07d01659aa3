"""What is configured for Azure."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from config.cloud import RegionalSettings, SourcedVariant
from config.fields import Github, Key, Network, Strict, Text, matching
from images.catalog import Cloud
from images.regions import Regions

#: As of 2026: Azure "List of Azure regions".
REGIONS = Regions.of(
    """
australiacentral australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth
canadacentral canadaeast centralindia centralus chilecentral eastasia eastus eastus2
francecentral germanywestcentral indonesiacentral israelcentral italynorth japaneast
japanwest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth
northcentralus northeurope norwayeast polandcentral qatarcentral southafricanorth
southcentralus southeastasia southindia spaincentral swedencentral switzerlandnorth
uaenorth uksouth ukwest westcentralus westeurope westindia westus westus2 westus3
""",
    r"[a-z]+\d?",
)

#: Where dstack's server starts machines (its Azure backend).
SERVED = [
    *("centralus", "eastus", "eastus2", "southcentralus", "westus2", "westus3", "canadacentral"),
    *("francecentral", "germanywestcentral", "northeurope", "swedencentral", "uksouth"),
    *("westeurope", "southeastasia", "eastasia", "brazilsouth"),
]
#: A managed image says nothing of NVMe, so sizes which have nothing else do not boot it
#: (packer-plugin-azure issue 521, Azure's "The VM size cannot boot with OS image or disk").
VERIFIES = "Standard_D2s_v5"
_SOURCE = re.compile(r"[\w.-]+:[\w.-]+:[\w.-]+(:\d+\.\d+\.\d+)?")


Source = Annotated[
    str,
    matching(
        _SOURCE,
        "a source is publisher:offer:sku of the marketplace, of which the newest version is "
        "meant (canonical:ubuntu-24_04-lts:server), or has a version behind "
        "(canonical:ubuntu-24_04-lts:server:24.04.202508280)",
    ),
]
# "Naming rules and restrictions for Azure resources".
Group = Annotated[str, StringConstraints(pattern=r"^[\w.()-]{0,89}[\w()-]$")]
GalleryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([\w.]{0,78}[A-Za-z0-9])?$")]
ObjectId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Replicas = Annotated[int, Field(ge=1, le=100)]


class ClientSecret(Strict):
    """A secret of the stack's service principal: the first `up` of each period makes a new one."""

    rotate_after_days: Annotated[int, Field(ge=1, le=365)] = 90
    """The first `up` of each such period makes a new one."""


class Community(Strict):
    """What everyone reads of a gallery that the stack makes; Azure wants all of it."""

    prefix: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9]{5,16}$"),
        Key(allowed="5 to 16 letters and digits"),
    ]
    """How its public name begins."""
    publisher: Annotated[
        str, StringConstraints(pattern=r"^https?://"), Key(allowed="a web address")
    ]
    """Who publishes."""
    contact: Annotated[str, StringConstraints(pattern=r"^\S+@\S+$"), Key(allowed="a mail address")]
    """Whom to write to."""
    eula: Annotated[str, StringConstraints(pattern=r"^https?://"), Key(allowed="a web address")]
    """On which terms."""


class AzureVariant(SourcedVariant):
    """What one variant has of its own."""

    source: Annotated[
        Source | None, Key(allowed="as `clouds.azure.source`", bakes="the variant")
    ] = None
    """The image of the marketplace to start from."""
    verify_vm_size: Text | None = None
    """Size of the machine that checks; without, `Standard_D2s_v5`, which boots a managed image.
    An A10 for grid, where its driver is to be seen at work.
    """


class Azure(RegionalSettings[AzureVariant]):
    """Managed images in `resourceGroup`; a gallery there where the stack is public.

    Azure makes images where their disks are, and Packer makes machines where their group is: so
    machines, content, published images and the gallery are all in `location`. The group of content
    is only a name for what is in it, and may be somewhere else.
    """

    cloud: ClassVar[Cloud] = "azure"
    known: ClassVar[Regions] = REGIONS

    source: Annotated[
        Source, Key(allowed="`publisher:offer:sku`, with a version behind if need be", bakes="all")
    ]
    """The image of the marketplace to start from; without a version the newest one. The record
    says which it was.
    """
    location: Annotated[Text, Key(allowed="a region of Azure")] = "eastus"
    """Where machines, images and their disks are; of the gallery too."""
    packer_group: Annotated[Group, Key(allowed="name of a resource group")] = "packer"
    """The group of content and records."""
    packer_location: Annotated[Text, Key(allowed="a region of Azure")] = "eastus"
    """Where that group is made. What is in it is in `location` all the same."""
    build_group: Annotated[Group | None, Key(allowed="name of a resource group")] = None
    """The group of the machines of a run, in `location`. Without it that of `packerGroup`, where
    both locations are the same; else `<packerGroup>-build-<location>`.
    """
    resource_group: Annotated[Group, Key(allowed="name of a resource group")]
    """Where dstack's server looks for names, and the gallery is."""
    adopt: Annotated[list[Text], Key(allowed="groups and the gallery of this stack, by name")] = (
        Field(default_factory=list[str])
    )
    """What is there already and not of this stack's making is used as it is, never changed or
    deleted. A group that is not there is made; a gallery has to be there.
    """
    gallery: Annotated[GalleryName | None, Key(allowed="name of a gallery")] = None
    """The gallery of public images; required in a public stack, and of no use in a private one,
    like the keys about it.
    """
    community: Community | None = None
    """What everyone reads of the gallery; required where the stack makes it."""
    public_name: Text | None = None
    """The name by which servers ask for the gallery; an error where the gallery does not have it.
    Without it, the gallery's first name is used.
    """
    regions: Annotated[
        list[str],
        Key(
            allowed=(
                "regions of Azure, at least one, none twice; `location` among them "
                "in a public stack"
            )
        ),
    ] = Field(default=SERVED, min_length=1)
    """Where a public image is; by default where dstack's server starts machines. A private one
    is in `location` alone.
    """
    replicas: Annotated[dict[str, Replicas], Key(allowed="1 to 100 for each region")] = Field(
        default_factory=dict[str, int]
    )
    """Copies in a region, where one is too few for many machines at once."""
    end_of_life_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """The date of a gallery image version's end of life, counted from its bake. Azure only says
    it.
    """
    vm_size: Text = "Standard_D2s_v6"
    """Size of the machine that bakes."""
    disk_gb: Annotated[int, Field(ge=30, le=30), Key(bakes="all")] = 30
    """Size of the image's disk; users may ask for 30 GB."""
    ssh_from: Annotated[list[Network], Key(allowed="networks as 203.0.113.0/24")] = Field(
        default_factory=list[str]
    )
    """From where SSH gets into Packer's machines; empty means the address of whoever runs it."""
    github: Github | None = None
    """A GitHub workflow that may bake and publish, without a secret."""
    client_secret: ClientSecret | None = None
    """A secret of the stack's service principal, as which everything then bakes and publishes."""
    scope: Literal["groups", "subscription"] = "groups"
    """Where the service principal may work: in the stack's groups, or everywhere, as in dstack's
    old instructions.
    """
    operators: Annotated[list[ObjectId], Key(allowed="object IDs of people or groups")] = Field(
        default_factory=list[str]
    )
    """People who may write records, package lists and logs into storage too. Without, what they
    bake has its record itself, and nothing in storage.
    """
    endpoint: Annotated[
        Annotated[str, StringConstraints(pattern=r"^https://")] | None,
        Key(allowed="an https address"),
    ] = None
    """Address of all of Azure's services, login and storage included: an emulator."""

    @property
    def builds_in(self) -> str:
        """The group of machines, which is in `location`."""
        if self.build_group is not None:
            return self.build_group
        if self.packer_location == self.location:
            return self.packer_group
        return f"{self.packer_group}-build-{self.location}"

    def published_in(self, *, public: bool) -> list[str]:
        """The gallery, or the group: regions are what a gallery has."""
        return [self.gallery or ""] if public else [self.resource_group]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if wrong := sorted(set(self.replicas) - set(self.regions)):
            raise ValueError(f"replicas names {', '.join(wrong)}, which is not in regions")
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
