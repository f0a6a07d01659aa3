"""Listings of Oracle's Marketplace: submitted, never waited for.

Pulumi's own resource for a publication waits up to twelve hours for Oracle's review, so the
bakery submits it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_oci import Provider, marketplace

from components.command import answer, bakery
from components.content import Wanted
from images.job import ListingJob, Published, Submitted
from images.oci import LISTED, OciListing, OciTarget
from images.record import BakeRecord

#: What a publication's state means, without a listing. There is no state of a review in the API.
_GONE = "gone"
_MEANS = {
    "CREATING": "in review",
    "ACTIVE": "approved, not listed yet",
    "FAILED": "rejected",
    "DELETING": _GONE,
    "DELETED": _GONE,
}


@dataclass(frozen=True)
class ListingArgs:
    """An image that the Marketplace of each region lists under its name.

    Nothing is submitted before the confirmation that it is as it was baked.
    """

    wanted: Wanted
    contact_name: str
    contact_email: str
    record: pulumi.Output[BakeRecord]
    images: Mapping[str, pulumi.Output[str]]
    confirmation: pulumi.Output[Published]
    target: pulumi.Output[OciTarget]
    providers: Mapping[str, Provider]


def listings(
    name: str, args: ListingArgs, opts: pulumi.ResourceOptions
) -> pulumi.Output[dict[str, OciListing]]:
    """Submits each region's image; what became of it is looked at in each `up` and preview."""
    return pulumi.Output.all(
        **{
            region: _listing(_submitted(name, args, region, opts), args.providers[region])
            for region in args.images
        }
    )


def _submitted(
    name: str, args: ListingArgs, region: str, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """One command for each region: one for all would withdraw them all when a region is added."""
    image = args.images[region]

    def job(record: BakeRecord, image: str, target: OciTarget) -> str:
        return ListingJob(
            stack=args.wanted.stack.name,
            bake=record.name,
            name=args.wanted.name,
            version=args.wanted.release,
            system=record.versions.os,
            contact_name=args.contact_name,
            contact_email=args.contact_email,
            images={region: image},
            target=target,
        ).model_dump_json()

    found = pulumi.Output.all(args.record, image, args.target, args.confirmation)
    command = bakery(
        f"{name}-listings-{region}",
        "submit-listings",
        found.apply(lambda found: job(*found[:3])),
        # Not the confirmation, which an added region makes unknown in a preview: what is protected
        # would seem to be replaced.
        [args.wanted.name, image],
        undo="withdraw-listings",
        opts=opts,
    )
    return answer(command, Submitted).apply(lambda found: found.publications[region])


def _listing(publication: pulumi.Output[str], provider: Provider) -> pulumi.Output[OciListing]:
    by = pulumi.InvokeOptions(provider=provider)
    found = marketplace.get_publication_output(publication_id=publication, opts=by)
    packages = marketplace.get_publication_packages_output(publication_id=publication, opts=by)

    def listing(publication: str, state: str | None, listings: list[str]) -> OciListing:
        # A package names its listing once there is one.
        id = next((one for one in listings if one), None) if state == "ACTIVE" else None
        return OciListing(
            publication_id=publication,
            listing_id=id,
            review_state=LISTED if id else _meaning(state),
        )

    ids = packages.apply(lambda found: [one.listing_id for one in found.publication_packages or ()])
    return pulumi.Output.all(publication, found.state, ids).apply(lambda all: listing(*all))


def _meaning(state: str | None) -> str:
    """A publication that is not there any more is found with nothing in it."""
    return _MEANS.get(state, state.lower()) if state else _GONE
