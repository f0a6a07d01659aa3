"""Oracle's Marketplace: publications, which Oracle reviews, and the listings they become.

A publication is of one region, and so is its listing. A review takes days; nothing here waits for
one. Source: Marketplace API, version 20181001; "Publishing Community Applications".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bakery.oci import clients
from bakery.oci.clients import Access, ask, every, find, library, marketplace, once
from bakery.oci.waiting import wait_while
from bakery.progress import Progress
from images.errors import BakeryError
from images.job import ListingJob, Submitted
from images.tags import BAKE, IMAGE, STACK, whose

_KIND = "COMMUNITY"
#: It holds its image until it is over.
_LEAVING = "DELETING"
_GONE = "DELETED"
#: Seconds; Pulumi's own resource gives it 20 minutes.
_PATIENCE = 1200.0
_EULA = "I agree to use this software at my own risk."


@dataclass(frozen=True)
class Publication:
    """One publication, and what it became.

    `image` and `listing` are None as long as nobody knows: without our tag, a publication names its
    image only by its package, and there is no package before there is a listing.
    """

    id: str
    state: str
    tags: dict[str, str]
    image: str | None
    listing: str | None


class Listings:
    """Listings of one region; of its publications, the compartment's."""

    def __init__(self, access: Access, region: str, compartment: str) -> None:
        self._compartment = compartment
        self.client = marketplace(access, region)

    def publications(self, name: str) -> list[Publication]:
        """Return the publications of just that name, in every state but deleted."""
        listed = every(self.client.list_publications, self._compartment, _KIND, name=[name])
        found = [one for one in listed if one.name == name and one.lifecycle_state != _GONE]
        return [self._whole(one) for one in found]

    def listings(self, name: str) -> list[str]:
        """Ids of everyone's of just that name, as dstack's server asks: the match is inexact."""
        found = every(self.client.list_listings, name=[name], listing_types=[_KIND])
        return [one.id for one in found if one.name == name]

    def boots(self, listing: str) -> str:
        """The image that a server starts for a listing: that of its default package."""
        version = ask(self.client.get_listing, listing).data.default_package_version
        return str(ask(self.client.get_package, listing, version).data.image_id)

    def create(self, job: ListingJob, image: str) -> str:
        """Submits it; returns the publication's id."""
        models = library.marketplace.models
        contact = models.SupportContact(name=job.contact_name, email=job.contact_email)
        details = models.CreatePublicationDetails(
            listing_type=_KIND,
            name=job.name,
            short_description="Image for running workloads with dstack - https://dstack.ai/",
            support_contacts=[contact],
            compartment_id=self._compartment,
            package_details=models.CreateImagePublicationPackage(
                package_type="IMAGE",
                package_version=job.version,
                operating_system=models.OperatingSystem(name=job.system),
                eula=[models.TextBasedEula(license_text=_EULA)],
                image_id=image,
            ),
            # Whoever configures a listing has agreed: docs/oci.md, "Marketplace".
            is_agreement_acknowledged=True,
            freeform_tags={STACK: job.stack, BAKE: job.bake, IMAGE: image},
        )
        return ask(self.client.create_publication, details, **once()).data.id

    def remove(self, publication: Publication) -> None:
        """Removes it, if nobody has begun to, and waits until it no longer holds its image."""
        id = publication.id
        if publication.state != _LEAVING:
            find(self.client.delete_publication, id)

        def goes_on() -> bool:
            found = find(self.client.get_publication, id)
            return found is not None and found.data.lifecycle_state != _GONE

        wait_while(goes_on, _PATIENCE, f"the removal of the publication {id}")

    def _whole(self, summary: Any) -> Publication:
        tags = dict(summary.freeform_tags or {})
        packages = (
            find(self.client.get_publication_package, summary.id, version)
            for version in self._versions(summary.id)
        )
        found = next((one.data for one in packages if one), None)
        return Publication(
            id=summary.id,
            state=summary.lifecycle_state,
            tags=tags,
            image=tags.get(IMAGE) or (found.image_id if found else None),
            listing=found.listing_id if found else None,
        )

    def _versions(self, publication: str) -> list[str]:
        try:
            found = every(self.client.list_publication_packages, publication)
            return [one.package_version for one in found]
        except library.exceptions.ServiceError as error:
            if error.status != 404:
                raise
            return []


def submit(job: ListingJob, progress: Progress) -> Submitted:
    """Submits each region's image under its name, unless that has been done.

    A publication of the stack that is of another image goes first: servers demand one listing of a
    name. Raises BakeryError for a name that is somebody else's.
    """
    found: dict[str, str] = {}
    for region, image in job.images.items():
        with clients.translate_errors(f"publishing {job.name} in {region}"):
            found[region] = _submit(job, region, image, progress)
    return Submitted(publications=found)


def withdraw(job: ListingJob, progress: Progress) -> None:
    """Takes the stack's publications of that name back, so that their images can go."""
    access = clients.access()
    for region in job.images:
        with clients.translate_errors(f"withdrawing {job.name} in {region}"):
            listings = Listings(access, region, job.target.compartment)
            for one in listings.publications(job.name):
                if one.tags.get(STACK) == job.stack:
                    progress.say(f"{region}: withdrawing {job.name}")
                    listings.remove(one)


def _submit(job: ListingJob, region: str, image: str, progress: Progress) -> str:
    listings = Listings(clients.access(), region, job.target.compartment)
    there = listings.publications(job.name)
    if others := [one for one in there if one.tags.get(STACK) != job.stack]:
        raise BakeryError(
            f"{region}: {job.name} is published by {whose(others[0].tags)}; a second listing of "
            "the name would make servers fail. Choose another release or prefix"
        )
    same = [one for one in there if one.image == image and one.state != _LEAVING]
    for one in there:
        if one not in same[:1]:
            progress.say(f"{region}: withdrawing {job.name} that was submitted earlier")
            listings.remove(one)
    if same:
        return same[0].id
    progress.say(f"{region}: submitting {job.name} to Oracle, who reviews it for days")
    return listings.create(job, image)
