"""What the program asks of the bakery: one document on its standard input."""

from typing import Annotated, Literal

from pydantic import Field

from images.catalog import Cloud, Variant
from images.clouds import Target
from images.oci import OciTarget
from images.record import Fact

#: What a release is to its stack: the one that servers of today should use, another that stays, one
#: that is about to go.
Standing = Literal["current", "living", "retiring"]


class Job(Fact):
    """What a bake and its verification have in common."""

    stack: str
    variant: Variant
    bake: str = Field(description="Name of the private result.")
    inputs: list[str]
    environment: dict[str, str] = Field(description="For the scripts; part of the digest.")
    disk_gb: int
    time_limit: int = Field(description="Seconds for one run of Packer.")
    target: Target

    @property
    def cloud(self) -> Cloud:
        return self.target.cloud


class BakeJob(Job):
    """Make content."""

    digest: str
    source_name: str
    prepare: list[str]
    install: list[str]
    seal: list[str]


class VerifyJob(Job):
    """Boot a fresh machine from the content and run checks in it."""

    checks: Annotated[list[str], Field(min_length=1)]


class PublishJob(Fact):
    """Give local content a name in a folder of the checkout, or take it away."""

    stack: str
    bake: str
    name: str
    place: str


class PreflightJob(Fact):
    """Look, before anything is made in a cloud, whether the stack's images can be published."""

    stack: str
    names: list[str] = Field(description="None while the stack has no release.")
    public: bool
    locations: Annotated[list[str], Field(min_length=1)]
    families: list[str] = Field(
        default_factory=list[str],
        description="Of images, where a cloud has such: the newest one goes by its name too.",
    )
    target: Target


class PreflightPassed(Fact):
    """Nothing is in the way of these names in these places."""

    names: list[str]
    locations: list[str]


class RemoveOrphanJob(Fact):
    """Remove what a killed run made under a name and Pulumi never recorded."""

    stack: str
    bake: str
    name: str
    standing: Standing = Field(description="Of its release.")
    location: str
    protect: bool = Field(description="What everyone could already boot is not removed.")
    target: Target


class CheckPublishedJob(Fact):
    """Look what has been published up as dstack's server will."""

    stack: str
    bake: str
    name: str
    public: bool
    standing: Standing = Field(description="Of its release.")
    ids: dict[str, str] = Field(description="Place to what was published there.")
    replacement: str | None = Field(
        default=None, description="Of a release that retires: what is to be used instead."
    )
    target: Target


class Published(Fact):
    """What the look-up found, which is just what was published."""

    name: str
    found: dict[str, str]


class GalleryJob(Fact):
    """Open a gallery of Azure to everyone, or, at its end, close it."""

    adopted: bool = Field(description="It is somebody else's, who decides whether it is open.")
    target: Target


class OpenGallery(Fact):
    """A gallery that is open, by the name that everyone knows it by."""

    public_name: str


class ExportJob(Fact):
    """Export content of Oracle Cloud to the bucket of its home region, once."""

    stack: str
    bake: str
    name: str = Field(description="Under which it is published.")
    time_limit: int = Field(description="Seconds.")
    target: OciTarget


class Exported(Fact):
    """Where the exported content is."""

    bucket: str
    namespace: str
    object: str
    copy_object: str = Field(description="Its name in the buckets of other regions.")


class SupplyJob(Fact):
    """See to it that what is imported in a region of Oracle Cloud is there, as an object."""

    stack: str
    bake: str
    name: str = Field(description="Under which it is published.")
    location: str
    object: str = Field(description="What is imported there, as the export named it.")
    time_limit: int = Field(description="Seconds, for each step.")
    target: OciTarget


class ListingJob(Fact):
    """Submit images of Oracle Cloud to Oracle's Marketplace, or withdraw them."""

    stack: str
    bake: str
    name: str
    version: str
    system: str = Field(description="The operating system, as the record has it.")
    contact_name: str
    contact_email: str
    images: dict[str, str] = Field(description="Region to image.")
    target: OciTarget


class Submitted(Fact):
    """Region to publication."""

    publications: dict[str, str]
