"""What is configured for Oracle Cloud."""

import re
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from config.cloud import RegionalSettings, SourcedVariant
from config.fields import Key, Network, Strict, Text, matching, once
from images.catalog import Cloud
from images.regions import Regions

#: As of 2026: OCI "Regions and Availability Domains".
REGIONS = Regions.of(
    """
af-johannesburg-1 ap-batam-1 ap-chuncheon-1 ap-hyderabad-1 ap-melbourne-1 ap-mumbai-1
ap-osaka-1 ap-seoul-1 ap-singapore-1 ap-singapore-2 ap-sydney-1 ap-tokyo-1 ca-montreal-1
ca-toronto-1 eu-amsterdam-1 eu-frankfurt-1 eu-madrid-1 eu-marseille-1 eu-milan-1
eu-paris-1 eu-stockholm-1 eu-zurich-1 il-jerusalem-1 me-abudhabi-1 me-dubai-1 me-jeddah-1
me-riyadh-1 mx-monterrey-1 mx-queretaro-1 sa-bogota-1 sa-santiago-1 sa-saopaulo-1
sa-valparaiso-1 sa-vinhedo-1 uk-cardiff-1 uk-london-1 us-ashburn-1 us-chicago-1
us-phoenix-1 us-sanjose-1
""",
    r"[a-z]{2}-[a-z]+-\d",
)

_SOURCE = re.compile(r"ocid1\.image\.[\w.-]+|newest:[^/]+/[^/]+")


def _ocid(kind: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^ocid1\.{kind}\.[\w.-]+$")


Source = Annotated[
    str,
    matching(
        _SOURCE,
        "a source is the OCID of an image, or an operating system of which Oracle's newest image "
        "is meant (newest:Canonical Ubuntu/24.04)",
    ),
]


class Access(Strict):
    """Who may bake and publish, besides administrators."""

    group: Text
    """A group of users, which the stack makes, with the policies that it needs."""
    tenancy: Annotated[str, _ocid("tenancy"), Key(allowed="the OCID of a tenancy")]
    """The tenancy of the compartment: groups are a tenancy's."""


class Listing(Strict):
    """What Oracle's Marketplace is told about a public stack.

    Whoever configures it has read and agrees to Oracle's terms for publishers of community
    applications: each publication says so.
    """

    contact_name: Text
    """Whom people ask for support."""
    contact_email: Annotated[
        str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$"), Key(allowed="a mail address")
    ]
    """The address of that contact."""


class OciVariant(SourcedVariant):
    """What one variant has of its own."""

    source: Annotated[Source | None, Key(allowed="as `clouds.oci.source`", bakes="the variant")] = (
        None
    )
    """The image to start from."""
    verify_shape: Text | None = None
    """Shape of the machine that checks, where it is not that of `shape`: a GPU is only seen by one
    that has one.
    """


class Oci(RegionalSettings[OciVariant]):
    """Custom images: baked in the home region, imported in `regions`."""

    cloud: ClassVar[Cloud] = "oci"
    known: ClassVar[Regions] = REGIONS

    source: Annotated[
        Source,
        Key(allowed="the OCID of an image, or `newest:` with system and version", bakes="all"),
    ]
    """The image to start from, or of which system the newest. The record says which it was."""
    home_region: Annotated[Text, Key(allowed="a region of OCI")]
    """Where images are baked."""
    compartment: Annotated[
        str, _ocid("(compartment|tenancy)"), Key(allowed="the OCID of a compartment")
    ]
    """The images' compartment, in every region."""
    availability_domain: Annotated[int, Field(ge=1, le=3)] = 1
    """Number of the availability domain of the machine that bakes; its name is looked up."""
    shape: Text = "VM.Standard2.1"
    """Shape of the machine that bakes."""
    disk_gb: Annotated[int, Field(ge=50, le=50), Key(bakes="all")] = 50
    """Size of the image's disk; users may ask for 50 GB, and Packer makes none that is smaller."""
    subnet: Annotated[
        Annotated[str, _ocid("subnet")] | None, Key(allowed="the OCID of a subnet")
    ] = None
    """Subnet of the machine that bakes, which lets SSH in from whoever runs it; without it the
    stack makes a network of its own.
    """
    ssh_from: Annotated[
        list[Network], Key(allowed="networks as `203.0.113.0/24`; only without `subnet`")
    ] = Field(default_factory=list[str])
    """From where machines of the stack's own network are reached; required without `subnet`."""
    bucket: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=256),
        Key(allowed="letters, digits, `_`, `-`, `.`"),
    ] = "dstack-images"
    """The bucket of records, logs and exported images: by this name in every region, for all stacks
    of the compartment. It is made where there is none, and outlives stacks.
    """
    access: Access | None = None
    """A group that may bake and publish; without it, policies are an administrator's."""
    listing: Listing | None = None
    """What Oracle's Marketplace is told; required where `visibility` is `public`."""

    @model_validator(mode="after")
    def _reached_from_somewhere(self) -> Self:
        if self.subnet is None and not self.ssh_from:
            raise ValueError(
                "without subnet, sshFrom has to say from where machines are reached (your own "
                "address with /32 behind it)"
            )
        if self.subnet is not None and self.ssh_from:
            raise ValueError(
                "sshFrom is for the stack's own network: a subnet has rules of its own"
            )
        once(self.ssh_from)
        return self
