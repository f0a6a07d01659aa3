"""Follows a gallery image version to all of its regions, and only then lets servers have it."""

from bakery.azure.galleries import Gallery, Version, name_and_number
from bakery.progress import Progress
from bakery.publication_checks import wait_until
from images.azure import AzureTarget
from images.errors import BakeryError

#: Seconds in which a version gets from its first region to all others: large ones take an hour.
_REPLICATION = 2 * 60 * 60.0
_REPLICATION_PAUSE = 20.0


def confirm_version(target: AzureTarget, id: str, progress: Progress) -> None:
    """Returns when servers find it in every region of it. Raises BakeryError."""
    gallery, place = Gallery(target), target.gallery or ""
    name, number = name_and_number(id)
    sent: list[str] = []

    def on_its_way() -> str | None:
        missing = _there(gallery, name, number).missing
        if failed := [f"{one}: {state}" for one, state in missing.items() if "Failed" in state]:
            if sent:
                raise BakeryError(
                    f"{name} {number} did not get to {'; '.join(failed)}. Where it is, it stays; "
                    "run `pulumi up` again: it is sent there again"
                )
            progress.say(f"{name} {number} is sent again: {'; '.join(failed)}")
            sent.append(name)
            if wrong := gallery.send_again(name, number):
                # The next look says where.
                progress.say(f"it went wrong again: {wrong}")
            missing = _there(gallery, name, number).missing
        if not missing:
            return None
        progress.say(f"{name} {number} is on its way to {', '.join(missing)}")
        return f"{name} {number} is not in {', '.join(missing)}"

    wait_until(place, on_its_way, _REPLICATION, _REPLICATION_PAUSE)
    version = _there(gallery, name, number)
    if version.excluded:
        progress.say(f"{name} {number} is in all of its regions: servers may have it")
        gallery.include(name, number)
    public_name = gallery.public_name()
    if public_name is None:
        raise BakeryError(
            f"{place}: the gallery is not shared with everyone, so servers see no {name}; "
            "open it in the portal (Sharing), and run `pulumi up` again"
        )

    def unseen() -> str | None:
        for region in version.regions:
            if not gallery.in_community(public_name, region, name):
                return f"servers in {region} do not find {name} in {public_name}"
        return None

    # Azure does not say how soon what it shows to everyone follows.
    wait_until(place, unseen, _REPLICATION, _REPLICATION_PAUSE)


def _there(gallery: Gallery, name: str, number: str) -> Version:
    version = gallery.version(name, number)
    if version is None:
        raise BakeryError(f"{name} {number} is not there; run `pulumi refresh`, then `pulumi up`")
    return version
