"""AWS: what the bakery has to know of where it works, and where images are."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from images.record import Fact


class SshTarget(Fact):
    """How a machine is reached whose own address is not; the key pair is its name in the cloud."""

    host: str
    port: int
    key_pair: str
    private_key_file: str


class AwsAccount(Fact):
    """An account, by the region where it is asked."""

    region: str
    endpoint: str | None = Field(description="Of all services, where it is not AWS's own.")


class AwsTarget(AwsAccount):
    """The home region of an account, and the machines there."""

    cloud: Literal["aws"] = "aws"
    source: str
    instance_type: str
    verify_instance_type: str
    volume_type: str
    subnet: str
    security_group: str | None = Field(description="None: Packer makes one for each machine.")
    ssh_from: list[str] = Field(description="Networks; empty: the address of whoever drives.")
    ssh: SshTarget | None
    bucket: str
    deprecate_after_days: int | None = Field(default=None, description="None: EC2's own rule.")

    def deprecated_at(self, finished_at: datetime) -> datetime | None:
        """When copies of content that was finished then are deprecated; EC2 keeps whole minutes."""
        if self.deprecate_after_days is None:
            return None
        when = finished_at + timedelta(days=self.deprecate_after_days)
        return when.replace(second=0, microsecond=0)


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
