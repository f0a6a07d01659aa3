"""A file of prices: what an hour of a machine and a month of a gigabyte cost."""

from datetime import date
from pathlib import Path

import yaml
from pydantic import Field, NonNegativeFloat, ValidationError

from images.catalog import Cloud
from images.errors import UserError
from images.record import Fact

#: What is taken where no other file is given.
DEFAULT = Path(__file__).with_name("prices.yaml")


class CloudPrices(Fact):
    """Of one cloud. Gigabytes are those of the cloud's own bills."""

    machines: dict[str, NonNegativeFloat] = Field(description="An hour of each type.")
    disk: NonNegativeFloat = Field(description="A GB-month of a machine's disk.")
    image: NonNegativeFloat = Field(description="A GB-month of what images are kept in.")
    transfer: NonNegativeFloat = Field(description="A GB that goes to another region.")


class Prices(Fact):
    """A file; a cloud that it leaves out has no prices."""

    as_of: date
    currency: str
    aws: CloudPrices | None = None
    azure: CloudPrices | None = None
    gcp: CloudPrices | None = None
    oci: CloudPrices | None = None

    def of(self, cloud: Cloud) -> CloudPrices:
        """A cloud's. Raises UserError where there are none."""
        found: CloudPrices | None = getattr(self, cloud, None)
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
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg'].lower()}"
            for one in error.errors()
        ]
        raise UserError(f"{file}: {'; '.join(mistakes)}") from None
