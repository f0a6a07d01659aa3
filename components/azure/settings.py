"""What is configured for Azure."""

from typing import Annotated, ClassVar

from pydantic import Field

from components.cloud_settings import RegionalSettings
from components.fields import Text
from images.catalog import Cloud


class Azure(RegionalSettings):
    """Managed images in `resourceGroup`; a gallery where the stack is public."""

    cloud: ClassVar[Cloud] = "azure"

    source: Text
    location: Text
    resource_group: Text
    gallery: Text | None = None
    machine: Text = "Standard_D2s_v6"
    disk_gb: Annotated[int, Field(ge=30, le=30)] = 30
