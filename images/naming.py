"""Exact names per cloud. dstack's server finds an image by its name and by nothing else."""

import re
from dataclasses import dataclass

from images.catalog import Cloud, ImageKey
from images.errors import NameRefused

VERSION = re.compile(r"[0-9]+\.[0-9]+(\.[0-9]+)?(rc[0-9]+)?")
VERSION_RULE = "two or three numbers with dots, and rc<n> behind them if need be (0.14, 0.15rc1)"
PREFIX = re.compile(r"([a-z0-9]+-)*")
PREFIX_RULE = "nothing, or lower-case words each with a dash behind it (stgn-12-)"


@dataclass(frozen=True)
class Rule:
    """What a cloud takes as the name of an image."""

    pattern: re.Pattern[str]
    longest: int
    words: str


# Sources: EC2 CreateImage; Azure "Naming rules and restrictions" (Microsoft.Compute/images and
# galleries/images); Compute Engine "Naming resources"; OCI CreateImage (displayName).
RULES: dict[Cloud, Rule] = {
    "local": Rule(re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"), 200, "letters, digits, . _ -"),
    "aws": Rule(
        re.compile(r"[A-Za-z0-9()\[\] ./'@_-]{3,}"), 128, "letters, digits, ( ) [ ] . / - ' @ _"
    ),
    "azure": Rule(
        re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"),
        80,
        "letters, digits, . _ - inside",
    ),
    "gcp": Rule(
        re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?"),
        63,
        "a lower-case letter first, then lower-case letters, digits, -",
    ),
    "oci": Rule(re.compile(r"[^\x00-\x1f]+"), 255, "printable characters"),
}


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
    rule = RULES[cloud]
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
