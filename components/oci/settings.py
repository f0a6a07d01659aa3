"""What is configured for Oracle Cloud."""

from typing import Annotated, ClassVar

from pydantic import Field

from components.cloud_settings import RegionalSettings
from components.fields import Text
from images.catalog import Cloud


class Oci(RegionalSettings):
    """Custom images: baked in the home region, imported in `regions`."""

    cloud: ClassVar[Cloud] = "oci"

    source: Text
    home_region: Text
    compartment: Text
    subnet: Text
    availability_domain: Text
    machine: Text = "VM.Standard2.1"
    disk_gb: Annotated[int, Field(ge=47, le=50)] = 50
