"""What a tenancy has, in which a machine or an image is to be."""

from __future__ import annotations

from pathlib import Path

from bakery.oci.clients import Access, ask, compute, find, identity, library, limits
from images.errors import BakeryError
from images.oci import OciTarget

_IMAGES = "custom-image-count"


def domain(access: Access, target: OciTarget) -> str:
    """The name of the availability domain. What it begins with is another for each tenancy."""
    client = identity(access, target.region)
    names = sorted(
        str(one.name) for one in ask(client.list_availability_domains, access.tenancy).data
    )
    found = [one for one in names if one.endswith(f"-AD-{target.availability_domain}")]
    if not found:
        raise BakeryError(
            f"dstack-images:clouds.oci.availabilityDomain: {target.region} has no domain "
            f"{target.availability_domain}; it has {', '.join(names)}"
        )
    return found[0]


def must_be_readable(access: Access) -> None:
    """Raises BakeryError for a key that Packer before 1.7 cannot read.

    It takes it for none at all, and tells of a missing `key_file` (Packer 1.6.6,
    builder/oracle/oci, over version 18 of Oracle's library for Go).
    """
    key = Path(str(access.config["key_file"])).expanduser()
    if "BEGIN RSA PRIVATE KEY" not in key.read_text(encoding="utf-8"):
        raise BakeryError(
            f"the key {key} is of a form (PKCS#8) that this Packer cannot read. Install a newer "
            f"one, or write the key anew: `openssl rsa -traditional -in {key} -out {key}.rsa`, "
            f"and name that as `key_file` in {access.file}"
        )


def must_see_schemas(access: Access, target: OciTarget) -> None:
    """Raises BakeryError where Packer's plugin would fail at the end, when its image is made.

    It reads and writes the schema of the image then (packer-plugin-oracle, issues 71, 86, 95).
    """
    client = compute(access, target.region)
    schemas = client.list_compute_image_capability_schemas
    if find(schemas, compartment_id=target.compartment) is None:
        raise BakeryError(
            f"these credentials may not see the capability schemas of {target.compartment}, and "
            "Packer writes that of each image; docs/oci.md has the policy"
        )


def must_have_room(access: Access, region: str, wanted: int = 1) -> None:
    """Raises BakeryError where the region takes no more custom images."""
    room = room_for_images(access, region)
    if room is not None and room < wanted:
        raise BakeryError(
            f"{region}: the tenancy's limit {_IMAGES} leaves room for {room} more images, and "
            f"{wanted} are to be made; ask Oracle for more, or remove some"
        )


def room_for_images(access: Access, region: str) -> int | None:
    """How many more there may be; None where these credentials may not know."""
    client = limits(access, region)
    try:
        found = ask(client.get_resource_availability, "compute", _IMAGES, access.tenancy).data
    except library.exceptions.ServiceError as error:
        if error.status == 404:
            return None
        raise
    return found.available
