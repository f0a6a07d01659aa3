"""Google Cloud: what the bakery has to know of where it works, and where images are."""

from typing import Literal

from pydantic import Field

from images.record import Fact


class GcpProject(Fact):
    """A project."""

    project: str
    endpoint: str | None = Field(description="Of all services, where it is not Google's own.")


class GcpZone(GcpProject):
    """A zone of a project: machines are in one, images are not."""

    zone: str


class GcpTarget(GcpZone):
    """The zone of the stack's machines, and the bucket of its project."""

    cloud: Literal["gcp"] = "gcp"
    source: str
    machine_type: str
    verify_machine_type: str
    subnet: str
    iap: bool = Field(description="Machines are reached through Identity-Aware Proxy only.")
    storage_location: str
    bucket: str


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
