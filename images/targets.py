"""Where a bake or a publication happens, as far as the bakery has to know."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from images.host import Accelerator, Firmware
from images.record import Fact


class LocalTarget(Fact):
    """A machine of QEMU on this machine."""

    cloud: Literal["local"] = "local"
    source_file: Path
    source_sha256: str
    firmware: Firmware
    accelerator: Accelerator
    cpus: int
    memory_mb: int
    demo_registry: Path | None = Field(
        description="Storage of the registry that stands in where no public one answers."
    )


class SshTarget(Fact):
    """How a machine is reached whose own address is not; the key pair is its name in the cloud."""

    host: str
    port: int
    key_pair: str
    private_key_file: str


class AwsTarget(Fact):
    """The home region of an account."""

    cloud: Literal["aws"] = "aws"
    region: str
    endpoint: str | None = Field(description="Of all services, where it is not AWS's own.")
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


class GcpTarget(Fact):
    """A zone of a project."""

    cloud: Literal["gcp"] = "gcp"
    project: str
    zone: str
    endpoint: str | None = Field(description="Of all services, where it is not Google's own.")
    source: str
    machine_type: str
    verify_machine_type: str
    subnet: str
    iap: bool = Field(description="Machines are reached through Identity-Aware Proxy only.")
    storage_location: str
    bucket: str


class AzureTarget(Fact):
    """A location of a subscription, and the groups of what is there."""

    cloud: Literal["azure"] = "azure"
    subscription: str
    tenant: str
    location: str
    endpoint: str | None = Field(description="Of all services, where it is not Azure's own.")
    group: str = Field(description="Where content is, in whichever location the group itself is.")
    build_group: str = Field(description="Of the machines, and in the location. May be `group`.")
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


class OciTarget(Fact):
    """The home region of a tenancy, and a compartment."""

    cloud: Literal["oci"] = "oci"
    region: str
    compartment: str
    availability_domain: int = Field(description="The number at the end of its name.")
    subnet: str
    source: str
    shape: str
    verify_shape: str
    bucket: str = Field(description="Of content, by this name in every region.")


Target = Annotated[
    LocalTarget | AwsTarget | AzureTarget | GcpTarget | OciTarget, Field(discriminator="cloud")
]
