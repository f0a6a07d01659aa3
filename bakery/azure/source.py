"""The image of the marketplace that a bake starts from."""

from dataclasses import dataclass

from azure.core.exceptions import ResourceNotFoundError

from bakery.azure import clients
from bakery.azure.clients import word
from images.azure import AzureSubscription
from images.errors import BakeryError


@dataclass(frozen=True)
class Source:
    """One version of it."""

    publisher: str
    offer: str
    sku: str
    version: str
    generation: str
    architecture: str

    @property
    def name(self) -> str:
        """Return the source as people write it."""
        return ":".join((self.publisher, self.offer, self.sku, self.version))

    @property
    def fits(self) -> bool:
        """Whether servers can boot what is made of it: A100 machines know no generation 1."""
        return (self.generation, self.architecture) == ("V2", "x64")


def resolved(of: AzureSubscription, location: str, source: str) -> Source:
    """The configured version, or the newest where none is. Raises BakeryError without any."""
    client = clients.compute(of).virtual_machine_images
    publisher, offer, sku, *version = source.split(":")
    try:
        if not version:
            newest = client.list(location, publisher, offer, sku, top=1, orderby="name desc")
            version = [image.name for image in newest]
        if not version:
            raise ResourceNotFoundError("no version")
        found = client.get(location, publisher, offer, sku, version[0])
    except ResourceNotFoundError:
        raise BakeryError(
            f"dstack-images:clouds.azure.source: {location} has no {source}; "
            f"`az vm image list --all --publisher {publisher} --location {location}` lists "
            "what it has"
        ) from None
    return Source(
        publisher=publisher,
        offer=offer,
        sku=sku,
        version=version[0],
        generation=word(found.hyper_v_generation, "V1"),
        architecture=word(found.architecture, "x64"),
    )
