"""What is configured for this machine."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from components.cloud_settings import CloudSettings
from components.fields import Text
from images.catalog import Cloud

#: Whatever set-up found to be possible on this machine.
AUTO = "auto"


class Local(CloudSettings):
    """This machine. Images appear in the folder `place` of the checkout."""

    cloud: ClassVar[Cloud] = "local"

    source: Literal["auto", "ubuntu-24.04", "debian-12"] = AUTO
    disk_gb: Annotated[int, Field(ge=4, le=1024)] = 8
    cpus: Annotated[int, Field(ge=1, le=64)] = 2
    memory_mb: Annotated[int, Field(ge=1024)] = 2048
    place: Text = "dist"
