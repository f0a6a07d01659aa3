"""Listings of Oracle's Marketplace: submitted, never waited for.

Pulumi's own resource for a publication waits up to twelve hours for Oracle's review, so that the
bakery submits it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_oci import Provider, marketplace

from components.command import bakery
from components.content import Wanted
from images.job import ListingJob, Submitted
from images.places import LISTED, OciListing
from images.record import BakeRecord
from images.targets import OciTarget

#: What a publication's state means, without a listing. There is no state of a review in the API.
_MEANS = {"CREATING": "in review", "ACTIVE": "approved, not listed yet", "FAILED": "rejected"}


@dataclass(frozen=True)
class ListingArgs:
    """An image that the Marketplace of each region lists under its name."""

    wanted: Wanted
    contact_name: str
    contact_email: str
    record: pulumi.Output[BakeRecord]
    images: Mapping[str, pulumi.Output[str]]
    target: pulumi.Output[OciTarget]
    providers: Mapping[str, Provider]


def listings(
    name: str, args: ListingArgs, opts: pulumi.ResourceOptions
) -> pulumi.Output[dict[str, OciListing]]:
    """Submits each region's image; what became of it is looked at in each `up` and preview."""
    images = pulumi.Output.all(**args.images)

    def job(record: BakeRecord, images: dict[str, str], target: OciTarget) -> str:
        return ListingJob(
            stack=args.wanted.stack.name,
            bake=record.name,
            name=args.wanted.name,
            version=args.wanted.release,
            system=record.versions.os,
            contact_name=args.contact_name,
            contact_email=args.contact_email,
            images=images,
            target=target,
        ).model_dump_json()

    command = bakery(
        f"{name}-listings",
        "submit-listings",
        pulumi.Output.all(args.record, images, args.target).apply(lambda found: job(*found)),
        [
            args.wanted.name,
            *(
                id.apply(lambda id, region=region: f"{region}={id}")
                for region, id in args.images.items()
            ),
        ],
        undo="withdraw-listings",
        opts=opts,
    )
    submitted = command.stdout.apply(lambda text: Submitted.model_validate_json(text).publications)
    return pulumi.Output.all(
        **{
            region: _listing(
                submitted.apply(lambda found, region=region: found[region]),
                args.providers[region],
            )
            for region in args.images
        }
    )


def _listing(publication: pulumi.Output[str], provider: Provider) -> pulumi.Output[OciListing]:
    by = pulumi.InvokeOptions(provider=provider)
    found = marketplace.get_publication_output(publication_id=publication, opts=by)
    packages = marketplace.get_publication_packages_output(publication_id=publication, opts=by)

    def listing(publication: str, state: str, listings: list[str]) -> OciListing:
        # A package names its listing once there is one.
        id = next((one for one in listings if one), None) if state == "ACTIVE" else None
        return OciListing(
            publication_id=publication,
            listing_id=id,
            review_state=LISTED if id else _MEANS.get(state, state.lower()),
        )

    ids = packages.apply(lambda found: [one.listing_id for one in found.publication_packages])
    return pulumi.Output.all(publication, found.state, ids).apply(lambda all: listing(*all))
