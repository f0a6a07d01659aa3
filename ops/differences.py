"""What differs between two contents, in the order in which people ask."""

from collections.abc import Iterator, Mapping
from typing import Literal

from debian.debian_support import NativeVersion
from pydantic import Field

from images.errors import UserError
from images.record import Fact
from ops.contents import Described

Direction = Literal["up", "down", "added", "removed", "changed"]

#: Of a content's versions: what decides whether a machine works comes first.
COMPONENTS = {
    "kernel": "kernel",
    "driver": "NVIDIA driver",
    "docker": "Docker",
    "container_toolkit": "NVIDIA container toolkit",
    "os": "system",
    "containerd": "containerd",
    "fabric_manager": "NVIDIA fabric manager",
    "dcgm": "DCGM",
}


class Change(Fact):
    """Something that is there in one content only, or in another version."""

    what: str
    before: str | None
    after: str | None
    direction: Direction


class Difference(Fact):
    """Between two contents of one kind of image; packages is None where a list is missing."""

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

    Two single contents are compared whatever they are. Raises UserError where nothing pairs.
    """
    if len(before) == len(after) == 1:
        return [_between(before[0], after[0])]
    old = {each.key: each for each in before}
    new = {each.key: each for each in after}
    if not set(old) & set(new):
        raise UserError(
            f"the two have no image in common: {', '.join(old) or 'none'} on one side, "
            f"{', '.join(new) or 'none'} on the other"
        )
    return [_pair(key, old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new])]


def _pair(key: str, old: Described | None, new: Described | None) -> Difference:
    if old and new:
        return _between(old, new)
    return Difference(image=key, before=old and old.label, after=new and new.label)


def _between(old: Described, new: Described) -> Difference:
    return Difference(
        image=new.key if old.key == new.key else f"{old.key} and {new.key}",
        before=old.label,
        after=new.label,
        components=list(_components(old, new)),
        packages=_packages(old, new),
        docker_images=list(_changes(old.content.docker_images, new.content.docker_images, None)),
    )


def _components(old: Described, new: Described) -> Iterator[Change]:
    before, after = old.content.versions.model_dump(), new.content.versions.model_dump()
    for key, title in COMPONENTS.items():
        yield from _changes(_one(title, before[key]), _one(title, after[key]), NativeVersion)
    source = "source image"
    yield from _changes(
        _one(source, old.content.source_resolved), _one(source, new.content.source_resolved), None
    )


def _one(title: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {title: value}


def _packages(old: Described, new: Described) -> list[Change] | None:
    if old.content.package_list_sha256 == new.content.package_list_sha256:
        return []
    if old.packages is None or new.packages is None:
        return None
    return list(_changes(old.packages, new.packages, NativeVersion))


def _changes(
    before: Mapping[str, str], after: Mapping[str, str], ordered: type[NativeVersion] | None
) -> Iterator[Change]:
    for what in sorted({**before, **after}):
        old, new = before.get(what), after.get(what)
        if old != new:
            yield Change(what=what, before=old, after=new, direction=_direction(old, new, ordered))


def _direction(old: str | None, new: str | None, ordered: type[NativeVersion] | None) -> Direction:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    if ordered is None:
        return "changed"
    try:
        # dpkg's own order: 1.10 is above 1.9, 1.0~rc1 below 1.0.
        return "up" if ordered(new) > ordered(old) else "down"
    except ValueError:
        # A system's name has spaces in it and is no version.
        return "changed"
