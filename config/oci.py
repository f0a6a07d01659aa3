"""What is configured for Oracle Cloud."""

from typing import Annotated, ClassVar

from pydantic import Field

from config.cloud import RegionalSettings, SourcedVariant
from config.fields import Key, Text
from images.catalog import Cloud


class Oci(RegionalSettings[SourcedVariant]):
    """Custom images: baked in the home region, imported in `regions`."""

    cloud: ClassVar[Cloud] = "oci"

    source: Annotated[Text, Key(bakes="all")]
    """OCID of the image to start from."""
    home_region: Annotated[Text, Key(allowed="a region of OCI")]
    """Where images are baked."""
    compartment: Text
    """OCID of the images' compartment."""
    subnet: Text
    """OCID of the subnet of the machine that bakes."""
    availability_domain: Text
    """Availability domain of the machine that bakes."""
    shape: Text = "VM.Standard2.1"
    """Shape of the machine that bakes."""
    disk_gb: Annotated[int, Field(ge=47, le=50), Key(bakes="all")] = 50
    """Size of the image's disk."""
