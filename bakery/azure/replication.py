"""Follows a gallery image version to all of its regions, and only then lets servers have it."""

from collections.abc import Callable

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from bakery.azure.galleries import Gallery, Version, name_and_number
from bakery.errors import BakeryError
from bakery.progress import Progress
from images.targets import AzureTarget

#: Seconds in which what was made is known everywhere.
_PATIENCE = 120.0
_PAUSE = 3.0
#: And in which a version gets from its first region to all others: large ones take an hour.
_REPLICATION = 2 * 60 * 60.0
_REPLICATION_PAUSE = 20.0


def confirm_version(target: AzureTarget, id: str, progress: Progress) -> None:
    """Returns when servers find it in every region of it. Raises BakeryError."""
    gallery, place = Gallery(target), target.gallery or ""
    name, number = name_and_number(id)

    def on_its_way() -> str | None:
        missing = _there(gallery, name, number).missing
        if failed := [f"{one}: {state}" for one, state in missing.items() if "Failed" in state]:
            raise BakeryError(
                f"{name} {number} did not get to {'; '.join(failed)}. Where it is, it stays; run "
                "`pulumi refresh`, then `pulumi up`: it is sent there again"
            )
        if not missing:
            return None
        progress.say(f"{name} {number} is on its way to {', '.join(missing)}")
        return f"{name} {number} is not in {', '.join(missing)}"

    come_true(place, on_its_way, _REPLICATION, _REPLICATION_PAUSE)
    version = _there(gallery, name, number)
    if version.excluded:
        progress.say(f"{name} {number} is in all of its regions: servers may have it")
        gallery.include(name, number)
    public_name = gallery.public_name()

    def unseen() -> str | None:
        if public_name is None:
            return f"the gallery is not shared with everyone, so that servers see no {name}"
        for region in version.regions:
            if not gallery.in_community(public_name, region, name):
                return f"servers in {region} do not find {name} in {public_name}"
        return None

    come_true(place, unseen)


def come_true(
    place: str,
    problem: Callable[[], str | None],
    patience: float = _PATIENCE,
    pause: float = _PAUSE,
) -> None:
    """Waits until there is no problem. Raises BakeryError with the one that does not go away."""
    look = Retrying(
        retry=retry_if_result(lambda found: found is not None),
        stop=stop_after_delay(patience),
        wait=wait_fixed(pause),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    found = look(problem)
    if found is not None:
        raise BakeryError(f"{place}: {found}; run `pulumi refresh`, then `pulumi up`")


def _there(gallery: Gallery, name: str, number: str) -> Version:
    version = gallery.version(name, number)
    if version is None:
        raise BakeryError(f"{name} {number} is not there; run `pulumi refresh`, then `pulumi up`")
    return version
