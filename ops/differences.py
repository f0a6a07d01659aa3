"""What differs between two contents, in the order in which people ask."""

from collections.abc import Iterator

from pydantic import Field

from images.changes import Change, changes
from images.errors import UserError
from images.record import Fact
from ops.contents import Described

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
        docker_images=list(
            changes(old.content.docker_images, new.content.docker_images, ordered=False)
        ),
    )


def _components(old: Described, new: Described) -> Iterator[Change]:
    before, after = old.content.versions.model_dump(), new.content.versions.model_dump()
    for key, title in COMPONENTS.items():
        yield from changes(_one(title, before[key]), _one(title, after[key]))
    source = "source image"
    yield from changes(
        _one(source, old.content.source_resolved),
        _one(source, new.content.source_resolved),
        ordered=False,
    )


def _one(title: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {title: value}


def _packages(old: Described, new: Described) -> list[Change] | None:
    if old.content.package_list_sha256 == new.content.package_list_sha256:
        return []
    if old.packages is None or new.packages is None:
        return None
    return list(changes(old.packages, new.packages))
