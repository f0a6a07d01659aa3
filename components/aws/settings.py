"""What is configured for AWS."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from components.cloud_settings import RegionalSettings
from components.fields import Github as OfGithub
from components.fields import Network, Strict, Text
from images.catalog import Cloud, Variant

#: Days until EC2 deprecates a public AMI by itself, and no later date is taken
#: ("EnableImageDeprecation", Amazon EC2 API Reference).
TWO_YEARS = 730
_SOURCE = re.compile(r"ami-[0-9a-f]{8,17}|(\d{12}|amazon|self):\S+")


def _source(value: str) -> str:
    if not _SOURCE.fullmatch(value):
        raise ValueError(
            "a source is an AMI (ami-0123456789abcdef0), or an owner's account and the name that "
            "its newest AMI must match (099720109477:ubuntu/images/hvm-ssd-gp3/ubuntu-noble-*)"
        )
    return value


Source = Annotated[str, AfterValidator(_source)]


class Ssh(Strict):
    """How the machine is reached where its own address is not: a tunnel, an emulator."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    key_pair: Text
    private_key_file: Text


class Github(OfGithub):
    """AWS has one identity provider for GitHub in an account.

    One stack makes it (`new`), the others use it (`existing`).
    """

    provider: Literal["new", "existing"] = "new"


class Aws(RegionalSettings):
    """AMIs: baked in the home region, copied to `regions`."""

    cloud: ClassVar[Cloud] = "aws"

    source: Source
    home_region: Text
    machine: Text = "c5.large"
    verify_machines: dict[Variant, Text] = Field(default_factory=dict[Variant, str])
    disk_gb: Annotated[int, Field(ge=8, le=100)] = 100
    volume_type: Literal["gp2", "gp3"] = "gp2"
    subnet: Text | None = None
    security_group: Text | None = None
    ssh_from: list[Network] = Field(default_factory=list[str])
    ssh: Ssh | None = None
    github: Github | None = None
    parameters: Annotated[str, StringConstraints(pattern=r"^(/[\w.-]+)+$")] | None = None
    deprecate_after_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://")] | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.security_group is not None and self.subnet is None:
            raise ValueError("securityGroup belongs to a network: name its subnet too")
        if self.security_group is not None and self.ssh_from:
            raise ValueError(
                "sshFrom is for the group that Packer makes; securityGroup has its own"
            )
        return self
