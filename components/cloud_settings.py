"""What the settings of all clouds have in common."""

from typing import ClassVar

from pydantic import Field, field_validator

from components.fields import Strict, once
from images.catalog import Cloud, Variant, variants
from images.regions import REGIONS


class CloudSettings(Strict):
    """What every cloud has."""

    cloud: ClassVar[Cloud]

    variants: list[Variant] = Field(min_length=1)
    disk_gb: int

    @field_validator("variants")
    @classmethod
    def _in_catalog(cls, value: list[Variant]) -> list[Variant]:
        known = variants(cls.cloud)
        if wrong := [variant for variant in value if variant not in known]:
            raise ValueError(f"{cls.cloud} has no {', '.join(wrong)}; allowed: {', '.join(known)}")
        return once(value)


class RegionalSettings(CloudSettings):
    """What a cloud with regions has."""

    regions: list[str] = Field(min_length=1)

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
