"""What is configured for Google Cloud."""

from typing import Annotated, ClassVar

from pydantic import Field

from components.cloud_settings import RegionalSettings
from components.fields import Text
from images.catalog import Cloud


class Gcp(RegionalSettings):
    """Images of a project; they are global."""

    cloud: ClassVar[Cloud] = "gcp"

    source: Text
    zone: Text
    machine: Text = "e2-standard-4"
    disk_gb: Annotated[int, Field(ge=10, le=20)] = 20
