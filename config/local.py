"""What is configured for this machine."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from config.cloud import CloudSettings, VariantSettings
from config.fields import Key, Text
from images.catalog import Cloud

#: Whatever set-up found to be possible on this machine.
AUTO = "auto"


class Local(CloudSettings[VariantSettings]):
    """This machine. Images appear in the folder `place` of the checkout."""

    cloud: ClassVar[Cloud] = "local"

    source: Literal["auto", "ubuntu-24.04", "debian-12"] = AUTO
    """The base image that set-up must have provided; `auto` takes what there is. Another one
    (`make setup SOURCE=debian-12`) is other content and bakes all.
    """
    disk_gb: Annotated[int, Field(ge=4, le=1024), Key(bakes="all")] = 8
    """Size of the image's disk."""
    cpus: Annotated[int, Field(ge=1, le=64)] = 2
    """CPUs of the machine that bakes."""
    memory_mb: Annotated[int, Field(ge=1024)] = 2048
    """Memory of the machine that bakes."""
    place: Text = "dist"
    """Folder of published images, in the checkout."""
