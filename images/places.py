"""Where images are published, each cloud's by its own words."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from images.record import Fact

#: The one place of a machine.
HERE = "here"


class LocalPlace(Fact):
    """A qcow2 file on the machine that made it."""

    cloud: Literal["local"] = "local"
    path: str
    size_bytes: int
    sha256: str

    def ids(self) -> dict[str, str]:
        """Place to id: one place."""
        return {HERE: self.path}


class AwsRegion(Fact):
    """One region's copy."""

    ami: str
    snapshots: list[str]


class AwsPlace(Fact):
    """AMIs of one name; the server asks by name and owner account."""

    cloud: Literal["aws"] = "aws"
    account_id: str
    root_device_name: str
    public: bool
    regions: dict[str, AwsRegion]

    def ids(self) -> dict[str, str]:
        """Region to AMI."""
        return {region: found.ami for region, found in self.regions.items()}


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


class GcpPlace(Fact):
    """A global image of a project. `member` is whom it is opened to.

    `self_link` goes by the name, as the server does; `id` is another for each content.
    """

    cloud: Literal["gcp"] = "gcp"
    project: str
    self_link: str
    id: str
    family: str
    member: str | None

    def ids(self) -> dict[str, str]:
        """Project to image."""
        return {self.project: f"projects/{self.project}/global/images/{self.id}"}


#: The state of a listing that servers find.
LISTED = "published"


class OciListing(Fact):
    """A marketplace publication and the listing it became, once Oracle has reviewed it."""

    publication_id: str
    listing_id: str | None
    review_state: str = Field(
        description="`in review`, `approved, not listed yet`, `published`, `rejected` or `gone`."
    )


class OciRegion(Fact):
    """One region's custom image."""

    image_id: str
    listing: OciListing | None


class OciPlace(Fact):
    """Custom images of one name."""

    cloud: Literal["oci"] = "oci"
    compartment_id: str
    regions: dict[str, OciRegion]

    def ids(self) -> dict[str, str]:
        """Region to image."""
        return {region: found.image_id for region, found in self.regions.items()}

    def waiting(self) -> dict[str, str]:
        """Region to the state of a listing there that servers do not find yet."""
        return {
            region: f"its listing is {found.listing.review_state}"
            for region, found in self.regions.items()
            if found.listing and found.listing.review_state != LISTED
        }


Place = Annotated[
    LocalPlace | AwsPlace | AzurePlace | GcpPlace | OciPlace, Field(discriminator="cloud")
]
