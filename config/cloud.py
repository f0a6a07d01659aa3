"""What the settings of all clouds have in common."""

from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, cast

from pydantic import Field, field_validator, model_validator

from config.fields import DockerRef, Key, Release, Strict, Text, once
from images.catalog import Cloud, ImageKey, Variant, variants
from images.errors import NameRefused
from images.naming import checked, image_name
from images.regions import Regions


class VariantSettings(Strict):
    """What one variant has of its own, instead of what its cloud or the stack says."""

    prepull: Annotated[
        list[DockerRef] | None, Key(allowed="as that of the stack", bakes="the variant")
    ] = None
    """Docker images to have in the image."""
    names: Annotated[dict[Release, Text], Key(allowed="a name for each release")] = Field(
        default_factory=dict[str, str]
    )
    """Names of releases that a server looks for by another name than the scheme's. The prefix is
    put before.
    """


class SourcedVariant(VariantSettings):
    """A variant of a cloud that offers images to start from."""

    source: Annotated[Text | None, Key(allowed="as that of the cloud", bakes="the variant")] = None
    """The image to start from."""


Own = TypeVar("Own", bound=VariantSettings)
Sourced = TypeVar("Sourced", bound=SourcedVariant)


class CloudSettings(Strict, Generic[Own]):
    """What every cloud has."""

    cloud: ClassVar[Cloud]

    variants: Annotated[dict[Variant, Own], Key(allowed="see above")] = Field(min_length=1)
    """The images of the stack, each with what it has of its own: `{cpu: {}, cuda: {}}`."""
    disk_gb: Annotated[int, Key(bakes="all")]
    """Size of the image's disk."""

    @field_validator("variants", mode="before")
    @classmethod
    def _nothing_of_its_own(cls, value: object) -> object:
        """A key without a value (`cpu:`) is a variant as well."""
        if not isinstance(value, dict):
            return value
        chosen = cast(dict[str, Any], value)
        nothing: dict[str, Any] = {}
        return {name: nothing if own is None else own for name, own in chosen.items()}

    @field_validator("variants")
    @classmethod
    def _in_catalog(cls, value: dict[Variant, Own]) -> dict[Variant, Own]:
        known = variants(cls.cloud)
        if wrong := [variant for variant in value if variant not in known]:
            raise ValueError(f"{cls.cloud} has no {', '.join(wrong)}; allowed: {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _names_can_be(self) -> Self:
        for own in self.variants.values():
            for name in own.names.values():
                try:
                    checked(self.cloud, name)
                except NameRefused as error:
                    raise ValueError(str(error)) from None
        return self

    @property
    def first_variant(self) -> Variant:
        """One that there always is: what is the same for all is looked at as for this one."""
        return next(iter(self.variants))

    def name_of(self, variant: Variant, release: str, prefix: str) -> str:
        """The name under which a variant of a release is published.

        Raises NameRefused for one that the cloud would not take.
        """
        own = self.variants[variant].names.get(release)
        if own is not None:
            return checked(self.cloud, f"{prefix}{own}")
        return image_name(ImageKey(self.cloud, variant), release, prefix)

    def disk_gb_of(self, variant: Variant) -> int:  # clouds differ
        """The size of a variant's disk."""
        return self.disk_gb


class RegionalSettings(CloudSettings[Sourced], Generic[Sourced]):
    """What a cloud with regions has."""

    known: ClassVar[Regions]

    source: Annotated[Text, Key(bakes="all")]
    """The image to start from."""

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
        if wrong := [region for region in regions if not cls.known.could_have(region)]:
            known = ", ".join(sorted(cls.known.names))
            raise ValueError(f"{cls.cloud} has no region {', '.join(wrong)}; allowed: {known}")

    def places(self) -> set[str]:
        """Every region that is named."""
        keys = ("home_region", "location", "packer_location", "region")
        return {*self.regions, *(str(getattr(self, key)) for key in keys if hasattr(self, key))}

    def published_in(self, *, public: bool) -> list[str]:  # clouds differ
        """Where an image of the stack is to be, as the contract names it."""
        return self.regions

    def doubts(self) -> list[str]:
        """Return what is to be said of regions that may be new and may be misspelt."""
        said = (self.known.doubt(self.cloud, region) for region in sorted(self.places()))
        return [doubt for doubt in said if doubt]

    def source_of(self, variant: Variant) -> str:
        """The image that a variant starts from."""
        return self.variants[variant].source or self.source
