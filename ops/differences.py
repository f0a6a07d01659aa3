"""What differs between two contents, in the order in which people ask."""

from collections.abc import Iterator

from pydantic import Field

from images.changes import Change, changes
from images.errors import UserError
from images.record import Fact
from ops.contents import Described

#: Of a content's versions: what decides whether a machine works comes first.
_COMPONENTS = {
    "kernel": "kernel",
    "driver": "NVIDIA driver",
    "docker": "Docker",
    "container_toolkit": "NVIDIA container toolkit",
    "os": "system",
    "containerd": "containerd",
    "fabric_manager": "NVIDIA fabric manager",
    "dcgm": "DCGM",
}


class Difference(Fact):
    """What differs between two contents of one kind of image.

    `packages` is None where a list is missing.
    """

    image: str
    before: str | None
    after: str | None
    components: list[Change] = Field(default_factory=list[Change])
    packages: list[Change] | None = Field(default_factory=list[Change])
    docker_images: list[Change] = Field(default_factory=list[Change])

    @property
    def same(self) -> bool:
        """Whether nothing is known to differ."""
        whole = self.before is not None and self.after is not None
        return whole and not (self.components or self.packages or self.docker_images)


def differences(before: list[Described], after: list[Described]) -> list[Difference]:
    """Pairs what is of one cloud and variant; what is in one only is told as such.

    Two single images are compared whatever they are, and a bill of materials, which says no cloud,
    with every image of its variant. Raises UserError where nothing pairs.
    """
    if len(before) == len(after) == 1:
        return [between(before[0], after[0])]
    if pairs := [(old, new) for old in before for new in after if _fit(old, new)]:
        met = {id(each) for pair in pairs for each in pair}
        return [
            *(between(old, new) for old, new in pairs),
            *(_alone(each, old=True) for each in before if id(each) not in met),
            *(_alone(each, old=False) for each in after if id(each) not in met),
        ]
    raise UserError(
        f"the two have no image in common: {_keys(before)} on one side, {_keys(after)} on the other"
    )


def _fit(old: Described, new: Described) -> bool:
    return old.key == new.key or (old.variant == new.variant and old.variant in (old.key, new.key))


def _keys(every: list[Described]) -> str:
    return ", ".join(each.key for each in every) or "none"


def _alone(each: Described, *, old: bool) -> Difference:
    return Difference(
        image=each.key,
        before=each.label if old else None,
        after=None if old else each.label,
    )


def between(old: Described, new: Described) -> Difference:
    """What differs between two images."""
    return Difference(
        image=new.key if old.key == new.key else f"{old.key} and {new.key}",
        before=old.label,
        after=new.label,
        components=list(_components(old, new)),
        packages=_packages(old, new),
        docker_images=list(changes(old.docker_images, new.docker_images, ordered=False)),
    )


def _components(old: Described, new: Described) -> Iterator[Change]:
    """Compare what both know something about."""
    for part, title in _COMPONENTS.items():
        if part in old.versions and part in new.versions:
            yield from changes(_one(title, old.versions[part]), _one(title, new.versions[part]))
    if old.source and new.source:
        source = "source image"
        yield from changes(_one(source, old.source), _one(source, new.source), ordered=False)


def _one(title: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {title: value}


def _packages(old: Described, new: Described) -> list[Change] | None:
    if old.package_list_sha256 and old.package_list_sha256 == new.package_list_sha256:
        return []
    if old.packages is None or new.packages is None:
        return None
    return list(changes(old.packages, new.packages))
