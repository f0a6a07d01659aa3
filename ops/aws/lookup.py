"""Looks AMIs up as dstack's server does: by name and owner, in each region.

Source: dstack 0.22.5, `core/backends/aws/resources.py`, `get_image_id_and_username`: of the owner's
AMIs of exactly that name, the newest that is available.
"""

from collections.abc import Iterator

from bakery.aws import clients
from bakery.aws.amis import Ami, named
from config.settings import Clouds
from images.aws import AwsAccount, AwsPlace
from images.contract import Image
from ops.look import Look, of, place_of


def looks(image: Image, clouds: Clouds) -> Iterator[Look]:
    """One answer for each region of the image."""
    place = place_of(image, AwsPlace)
    endpoint = clouds.aws and clouds.aws.endpoint
    for region, expected in place.regions.items():
        with clients.translate_errors(region):
            client = clients.ec2(AwsAccount(region=region, endpoint=endpoint))
            found = named(client, image.name, place.account_id)
        newest = next((ami for ami in found if ami.state == "available"), None)
        problem = _problem(newest, expected.ami, public=place.public)
        yield of(image, region, boots=newest and newest.id, problem=problem)


def _problem(found: Ami | None, expected: str, *, public: bool) -> str | None:
    if found is None:
        return "servers find no AMI of that name"
    if found.id != expected:
        return f"servers boot {found.id}, and not {expected}"
    # The owner sees what others do not; others are not told of these two at all.
    if public and not found.public:
        return f"{found.id} is private: only its owner can boot it"
    if public and found.is_deprecated:
        return f"{found.id} is deprecated since {found.deprecated[:10]}, and hidden from servers"
    return None
