"""Exact names per cloud. dstack's server finds an image by its name and by nothing else."""

import re

from images.catalog import NAMES, Cloud, ImageKey
from images.errors import NameRefused

VERSION = re.compile(r"[0-9]+\.[0-9]+(\.[0-9]+)?(rc[0-9]+)?")
VERSION_RULE = "two or three numbers with dots, and rc<n> behind them if need be (0.14, 0.15rc1)"
PREFIX = re.compile(r"([a-z0-9]+-)*")
PREFIX_RULE = "nothing, or lower-case words each with a dash behind it (stgn-12-)"

#: What the workflow `staging` calls the stack of a run; its prefix is that and a dash.
RUN_STACK = re.compile(r"stgn-[0-9]+")


def image_name(key: ImageKey, version: str, prefix: str = "") -> str:
    """The name under which the server looks the image up.

    Only Compute Engine refuses dots, so only there they become dashes (dstack's GCP backend).
    Raises NameRefused for a name that the cloud would not take.
    """
    name = f"{prefix}{key.stem}-{version}"
    if key.cloud == "gcp":
        name = name.replace(".", "-")
    return checked(key.cloud, name)


def checked(cloud: Cloud, name: str) -> str:
    """The name. Raises NameRefused for one that the cloud would not take."""
    rule = NAMES[cloud]
    if len(name) > rule.longest:
        raise NameRefused(
            f"the name {name!r} has {len(name)} characters; {cloud} allows {rule.longest}"
        )
    if not rule.pattern.fullmatch(name):
        raise NameRefused(f"{cloud} refuses the name {name!r}; allowed: {rule.words}")
    return name


#: How the names of private results begin.
BAKES = "dstack-bake-"


def bake_name(kind: str, digest: str) -> str:
    """Name of the private result: made of its content, never of a release."""
    return f"{BAKES}{kind}-{digest[:12]}"


def snapshot_name(bake: str) -> str:
    """Return the name of the snapshot beside content on Azure, where Packer takes no dash in such a
    name.
    """
    return bake.replace("-", "_")
