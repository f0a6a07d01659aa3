"""Every cloud, where one of them is meant: each has a module of its own here."""

from typing import Annotated

from pydantic import Field

from images.aws import AwsPlace, AwsTarget
from images.azure import AzurePlace, AzureTarget
from images.gcp import GcpPlace, GcpTarget
from images.local import LocalPlace, LocalTarget
from images.oci import OciPlace, OciTarget

#: Where a bake or a publication happens, as far as the bakery has to know.
Target = Annotated[
    LocalTarget | AwsTarget | AzureTarget | GcpTarget | OciTarget, Field(discriminator="cloud")
]
#: Where images are published, each cloud's by its own words.
Place = Annotated[
    LocalPlace | AwsPlace | AzurePlace | GcpPlace | OciPlace, Field(discriminator="cloud")
]
