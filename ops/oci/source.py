"""Oracle's newest image of an operating system."""

from bakery.oci import clients
from bakery.oci.images import Images
from config.oci import Oci
from images.errors import UserError

_NEWEST = "newest:"


def newest(chosen: Oci, source: str) -> str | None:
    """The image's OCID. None for one that is not Oracle's own."""
    access = clients.access()
    with clients.translate_errors(source):
        images = Images(access, chosen.home_region, chosen.compartment)
        if source.startswith(_NEWEST):
            system, _, version = source.removeprefix(_NEWEST).partition("/")
        else:
            present = images.get(source)
            if present is None:
                raise UserError(f"there is no image {source} in {chosen.home_region}")
            if present.compartment is not None:
                return None
            system, version = present.operating_system, present.version
        found = images.newest(system, version, chosen.shape)
    if found is None:
        raise UserError(f"Oracle has no image of {system} {version} that boots on {chosen.shape}")
    return found.id
