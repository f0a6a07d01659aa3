"""Oracle Cloud: what the bakery has to know of where it works, and where images are."""

from typing import Literal

from pydantic import Field

from images.record import Fact

#: The state of a listing that servers find.
LISTED = "published"
#: How the contract's reason begins where an image lacks nothing but that.
LISTING_IS = "its listing is"
#: States that end without anybody here doing something.
_IN_REVIEW = ("in review", "approved, not listed yet")


class OciCompartment(Fact):
    """A compartment, in one region."""

    region: str
    compartment: str


class OciTarget(OciCompartment):
    """A compartment in the stack's home region, the machines there, and the bucket of content."""

    cloud: Literal["oci"] = "oci"
    availability_domain: int = Field(description="The number at the end of its name.")
    subnet: str
    source: str
    shape: str
    verify_shape: str
    bucket: str = Field(description="Of content, by this name in every region.")


class OciListing(Fact):
    """A marketplace publication and the listing it became, once Oracle has reviewed it."""

    publication_id: str
    listing_id: str | None
    review_state: str = Field(
        description="`in review`, `approved, not listed yet`, `published`, `rejected` or `gone`."
    )


class OciRegion(Fact):
    """One region's custom image."""

    image_id: str
    listing: OciListing | None


class OciPlace(Fact):
    """Custom images of one name."""

    cloud: Literal["oci"] = "oci"
    compartment_id: str
    regions: dict[str, OciRegion]

    def ids(self) -> dict[str, str]:
        """Region to image."""
        return {region: found.image_id for region, found in self.regions.items()}

    def waiting(self) -> dict[str, str]:
        """Region to the state of a listing there that servers do not find yet."""
        return {
            region: f"{LISTING_IS} {found.listing.review_state}"
            for region, found in self.regions.items()
            if found.listing and found.listing.review_state != LISTED
        }

    def in_review(self) -> set[str]:
        """Regions whose listing waits for nothing but Oracle."""
        return {
            region
            for region, found in self.regions.items()
            if found.listing and found.listing.review_state in _IN_REVIEW
        }
