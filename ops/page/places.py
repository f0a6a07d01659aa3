"""Where an image is, by the name that people look it up by there, and the line that boots it."""

from dataclasses import dataclass

from images.contract import Image
from images.places import AwsPlace, AzurePlace, GcpPlace, LocalPlace, OciPlace


@dataclass(frozen=True)
class Spot:
    """One place of an image."""

    region: str
    id: str


#: A line for each cloud's own command; what a person has to choose is in capitals.
_AWS = "aws ec2 run-instances --region {region} --image-id {id} --instance-type t3.medium"
_AZURE = "az vm create --resource-group GROUP --name try --location {region} --image {id}"
_GCP = (
    "gcloud compute instances create try --zone us-central1-a "
    "--image-project {project} --image {name}"
)
_OCI = (
    "oci compute instance launch --region {region} --image-id {id} --shape VM.Standard2.1 "
    "--compartment-id COMPARTMENT --availability-domain DOMAIN --subnet-id SUBNET"
)
_LOCAL = "qemu-img info {id}"


def spots(image: Image) -> list[Spot]:
    """All places of an image, by region; of one that is not whole, what was found of it."""
    match image.place:
        case AwsPlace() as place:
            return [Spot(region, found.ami) for region, found in sorted(place.regions.items())]
        case AzurePlace() as place if place.gallery is None:
            return [Spot(place.location, place.managed_image_id or "")]
        case AzurePlace() as place:
            assert place.gallery is not None
            one = place.gallery.address(image.name)
            return [Spot(region, one) for region in sorted(place.gallery.replicas)]
        case GcpPlace() as place:
            return [Spot("global", place.self_link.partition("/v1/")[2])]
        case OciPlace() as place:
            return [Spot(region, found.image_id) for region, found in sorted(place.regions.items())]
        case LocalPlace() as place:
            return [Spot("here", place.path)]
        case None:
            return [Spot(region, found) for region, found in sorted(image.found.items())]


def command(image: Image) -> str:
    """A line that boots it, with `{region}` and `{id}` where those of a spot go."""
    match image.place:
        case AwsPlace():
            return _AWS
        case AzurePlace() as place:
            return _AZURE if place.gallery is None else f"{_AZURE}/Versions/latest"
        case GcpPlace() as place:
            return _GCP.format(project=place.project, name=place.self_link.rpartition("/")[2])
        case OciPlace():
            return _OCI
        case LocalPlace():
            return _LOCAL
        case None:
            return ""


def at(spot: Spot, line: str) -> str:
    """The line of `command` for a spot."""
    return line.replace("{region}", spot.region).replace("{id}", spot.id)
