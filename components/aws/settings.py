"""What is configured for AWS."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from components.cloud_settings import RegionalSettings
from components.fields import Text
from images.catalog import Cloud


class Aws(RegionalSettings):
    """AMIs: baked in the home region, copied to `regions`."""

    cloud: ClassVar[Cloud] = "aws"

    source: Text
    home_region: Text
    machine: Text = "c5.large"
    disk_gb: Annotated[int, Field(ge=8, le=1024)] = 100
    volume_type: Literal["gp2", "gp3"] = "gp2"
    subnet: Text | None = None
