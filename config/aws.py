"""What is configured for AWS."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from config.cloud import RegionalSettings, SourcedVariant
from config.fields import Github as OfGithub
from config.fields import Key, Network, Strict, Text, matching
from images.catalog import Cloud
from images.regions import Regions

#: As of 2026: AWS "Regions and Zones".
REGIONS = Regions.of(
    """
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1
ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5
ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1
eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1
sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
""",
    r"[a-z]{2}(-[a-z]+)+-\d",
)

#: Days until EC2 deprecates a public AMI by itself, and no later date is taken
#: ("EnableImageDeprecation", Amazon EC2 API Reference).
TWO_YEARS = 730
_SOURCE = re.compile(r"ami-[0-9a-f]{8,17}|(\d{12}|amazon|self):\S+")


Source = Annotated[
    str,
    matching(
        _SOURCE,
        "a source is an AMI (ami-0123456789abcdef0), or an owner's account and the name that "
        "its newest AMI must match (099720109477:ubuntu/images/hvm-ssd-gp3/ubuntu-noble-*)",
    ),
]


class Ssh(Strict):
    """How the machine is reached where its own address is not: a tunnel, an emulator."""

    host: Text
    """Where they are reached instead."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """At which port."""
    key_pair: Text
    """Name of the EC2 key pair that lets in."""
    private_key_file: Text
    """The file with the pair's private key."""


class Github(OfGithub):
    """AWS has one identity provider for GitHub in an account.

    One stack makes it (`new`), the others use it (`existing`).
    """

    provider: Literal["new", "existing"] = "new"
    """An account has one identity provider for GitHub: made by this stack, or there already."""


class AwsVariant(SourcedVariant):
    """What one variant has of its own."""

    source: Annotated[Source | None, Key(allowed="as `clouds.aws.source`", bakes="the variant")] = (
        None
    )
    """The AMI to start from."""
    verify_instance_type: Text | None = None
    """Type of the machine that checks, where it is not that of `instanceType`: a GPU is only
    seen by one that has one.
    """


class Aws(RegionalSettings[AwsVariant]):
    """AMIs: baked in the home region, copied to `regions`."""

    cloud: ClassVar[Cloud] = "aws"
    known: ClassVar[Regions] = REGIONS

    source: Annotated[
        Source, Key(allowed="an AMI, or `owner:name` where `*` stands for anything", bakes="all")
    ]
    """The AMI to start from; of several that match the newest one. The record says which it was."""
    home_region: Annotated[Text, Key(allowed="a region of AWS")]
    """Where images are baked."""
    instance_type: Text = "c5.large"
    """Type of the machine that bakes."""
    disk_gb: Annotated[int, Field(ge=8, le=100), Key(bakes="all")] = 100
    """Size of the image's disk; users may ask for 100 GB, and get no less than the image has."""
    volume_type: Literal["gp2", "gp3"] = "gp2"
    """Type of its volume."""
    subnet: Text | None = None
    """Subnet of the machine that bakes; without it the stack makes a network of its own."""
    security_group: Text | None = None
    """The subnet's security group; without it Packer makes one for each machine."""
    ssh_from: Annotated[list[Network], Key(allowed="networks as 203.0.113.0/24")] = Field(
        default_factory=list[str]
    )
    """From where Packer's group lets SSH in; empty means the address of whoever runs it."""
    ssh: Ssh | None = None
    """How machines are reached when not by their own address: a tunnel, an emulator."""
    github: Github | None = None
    """A GitHub workflow that may bake and publish, without a key."""
    parameters: Annotated[
        Annotated[str, StringConstraints(pattern=r"^(/[\w.-]+)+$")] | None,
        Key(allowed="a path as /dstack/images"),
    ] = None
    """Below it, Systems Manager gets a parameter with the AMI for each name."""
    catalog: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]+)*$")]
        | None,
        Key(allowed="a bucket, perhaps with folders, as dstack-site/vm-images"),
    ] = None
    """Where `python -m ops publish` puts the catalog page and streams.json: a bucket of S3 that is
    there already, whose own policy says who may read.
    """
    deprecate_after_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """EC2 calls the AMIs deprecated that many days after they were baked; without it, public
    ones two years after they were copied. What is public gets no later date any more.
    """
    endpoint: Annotated[
        Annotated[str, StringConstraints(pattern=r"^https?://")] | None,
        Key(allowed="an http or https address"),
    ] = None
    """Address of all of AWS's services, where it is not AWS's own: a private one, an emulator."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.security_group is not None and self.subnet is None:
            raise ValueError("securityGroup belongs to a network: name its subnet too")
        if self.security_group is not None and self.ssh_from:
            raise ValueError(
                "sshFrom is for the group that Packer makes; securityGroup has its own"
            )
        return self
