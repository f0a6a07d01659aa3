"""What the settings of all clouds have in common."""

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from config.fields import Key, Strict, once
from images.catalog import Cloud, Variant, variants
from images.regions import REGIONS


class CloudSettings(Strict):
    """What every cloud has."""

    cloud: ClassVar[Cloud]

    variants: Annotated[list[Variant], Key(allowed="see above")] = Field(min_length=1)
    """The images of the stack."""
    disk_gb: Annotated[int, Key(bakes="all")]
    """Size of the image's disk; users may ask for 100 GB, and get no less than the image has."""

    @field_validator("variants")
    @classmethod
    def _in_catalog(cls, value: list[Variant]) -> list[Variant]:
        known = variants(cls.cloud)
        if wrong := [variant for variant in value if variant not in known]:
            raise ValueError(f"{cls.cloud} has no {', '.join(wrong)}; allowed: {', '.join(known)}")
        return once(value)


class RegionalSettings(CloudSettings):
    """What a cloud with regions has."""

    regions: Annotated[list[str], Key(allowed="regions of the cloud, at least one, none twice")] = (
        Field(min_length=1)
    )
    """Where the images are published."""

    @field_validator("regions")
    @classmethod
    def _all_exist(cls, value: list[str]) -> list[str]:
        cls._must_exist(value)
        return once(value)

    @field_validator("home_region", "location", "packer_location", check_fields=False)
    @classmethod
    def _exists(cls, value: str) -> str:
        cls._must_exist([value])
        return value

    @classmethod
    def _must_exist(cls, regions: list[str]) -> None:
        known = REGIONS[cls.cloud]
        if wrong := [region for region in regions if region not in known]:
            raise ValueError(
                f"{cls.cloud} has no region {', '.join(wrong)}; allowed: {', '.join(sorted(known))}"
            )
