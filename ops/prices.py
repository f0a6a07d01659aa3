"""A file of prices: what an hour of a machine and a month of a gigabyte cost."""

from datetime import date
from pathlib import Path
from typing import cast

import yaml
from pydantic import Field, NonNegativeFloat, ValidationError, model_validator

from images.catalog import CLOUDS, Cloud
from images.errors import UserError
from images.record import Fact

#: What is taken where no other file is given.
DEFAULT = Path(__file__).with_name("prices.yaml")


class CloudPrices(Fact):
    """The prices of one cloud. Gigabytes are those of the cloud's own bills."""

    machines: dict[str, NonNegativeFloat] = Field(description="An hour of each type.")
    disk: NonNegativeFloat = Field(description="A GB-month of a machine's disk.")
    image: NonNegativeFloat = Field(description="A GB-month of what images are kept in.")
    transfer: NonNegativeFloat = Field(description="A GB that goes to another region.")


class Prices(Fact):
    """A file, which has a key for each cloud; one that it leaves out has no prices."""

    as_of: date
    currency: str
    clouds: dict[Cloud, CloudPrices | None]

    @model_validator(mode="before")
    @classmethod
    def _by_cloud(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        given = cast(dict[str, object], value)
        clouds = {key: given[key] for key in given if key in CLOUDS and key != "local"}
        return {**{key: given[key] for key in given if key not in clouds}, "clouds": clouds}

    def of(self, cloud: Cloud) -> CloudPrices:
        """A cloud's. Raises UserError where there are none."""
        found = self.clouds.get(cloud)
        if found is None:
            raise UserError(f"the file of prices has none of {cloud}; give another with --prices")
        return found


def read_prices(file: Path) -> Prices:
    """The prices in a file. Raises UserError."""
    try:
        return Prices.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{file} is no YAML: {error}") from None
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(str(key) for key in one['loc'] if key != 'clouds') or 'the file'}: "
            f"{one['msg'].lower()}"
            for one in error.errors()
        ]
        raise UserError(f"{file}: {'; '.join(mistakes)}") from None
