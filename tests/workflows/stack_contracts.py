"""What `pulumi stack output contract` says of prod: all is there, or Oracle reviews a release.

Oracle Cloud's images are submitted to its Marketplace and reviewed for an unknown time; `up` ends
well meanwhile, and the contract names the regions that wait (`OciPlace.waiting`). What is whole has
no place here, so that a real `python -m ops check` asks no cloud for it.
"""

from typing import Any

from images.contract import Contract, Image, Missing, contract, release
from images.oci import OciListing, OciPlace, OciRegion
from tests.fakes.contracts import aws_place, image

CPU, CUDA = "dstack-bake-cpu-aaaaaaaaaaaa", "dstack-bake-cuda-bbbbbbbbbbbb"
REGIONS = ("eu-frankfurt-1", "eu-milan-1")


def aws(version: str, *, missing: str = "", name: str = "", **changes: Any) -> Image:
    """An AMI, or one that is missing for this reason."""
    changes = {
        "bake": f"dstack-bake-{version}",
        "versions": {"kernel": f"6.8.{version}"},
        **changes,
    }
    place = aws_place({"eu-west-1": "ami-1"}, "1")
    found = image(name or f"dstack-{version}", place, version=version, **changes)
    lacking = [Missing(place="eu-west-1", reason=missing)] if missing else []
    return found.model_copy(update={"place": None, "missing": lacking})


def oci(version: str, state: str) -> Image:
    """A custom image in two regions, with a listing in this state."""
    place = OciPlace(
        compartment_id="ocid1.compartment.oc1..c",
        regions={
            region: OciRegion(
                image_id=f"ocid1.image.oc1.{region}.{version}",
                listing=OciListing(publication_id="p", listing_id=None, review_state=state),
            )
            for region in REGIONS
        },
    )
    lacking = [Missing(place=region, reason=reason) for region, reason in place.waiting().items()]
    found = image(f"dstack-{version}", place, version=version, bake=f"dstack-bake-{version}")
    return found.model_copy(update={"missing": lacking, "place": place if lacking else None})


def of_releases(**images: list[Image]) -> Contract:
    """Prod's, with these releases in their order."""
    return contract(
        "prod", "", [release(version, None, found) for version, found in images.items()]
    )


def whole() -> str:
    """0.15 alone, with two variants on AWS."""
    found = [
        aws("0.15", bake=CPU, digest=f"sha256:{'a' * 64}"),
        aws(
            "0.15", bake=CUDA, digest=f"sha256:{'b' * 64}", name="dstack-cuda-0.15", variant="cuda"
        ),
    ]
    return of_releases(**{"0.15": found}).model_dump_json()


def partial() -> str:
    """0.15, of which an AMI is missing."""
    found = [aws("0.15"), aws("0.15", missing="not published", name="dstack-cuda-0.15")]
    return of_releases(**{"0.15": found}).model_dump_json()


def region_in_review() -> str:
    """0.15, which stays current while Oracle reviews its listings in other regions."""
    found = release("0.15", None, [aws("0.15"), oci("0.15", "in review")])
    return contract("prod", "", [found], stays="0.15").model_dump_json()


def in_review(state: str = "in review", *, before: bool = False, missing: str = "") -> str:
    """0.15, whose listing is in this state, alone or with a whole 0.14 before it."""
    releases = {"0.15": [aws("0.15", missing=missing), oci("0.15", state)]}
    if before:
        releases = {"0.14": [aws("0.14"), oci("0.14", "published")], **releases}
    return of_releases(**releases).model_dump_json()
