"""The catalog page: what it says of images, regions and releases; and streams.json."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import html5lib
import jsonschema
import pytest

from images.contract import Contract, Image
from images.streams import archived, schema, streams
from ops.page.finder import finder
from ops.page.releases import cards, matrix
from ops.page.render import render
from ops.page.servers import CLOUD_NAMES, REGIONS, RULES
from tests.fakes.page_contract import records
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit


def answer(contract: Contract, cloud: str, machine: str, server: int = 0) -> dict[str, Any]:
    """As the page's script finds it."""
    for number, rule in enumerate(RULES):
        fits = not rule.pattern or re.search(rule.pattern, machine, re.IGNORECASE)
        if rule.cloud == cloud and fits:
            return finder(contract)["servers"][server]["answers"][number]
    raise AssertionError(f"no rule for {machine} of {cloud}")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.cloud} {rule.machines}")
def test_example_of_a_rule_is_of_that_rule(rule: Any) -> None:
    first = next(
        other
        for other in RULES
        if other.cloud == rule.cloud
        and (not other.pattern or re.search(other.pattern, rule.example, re.IGNORECASE))
    )
    assert first == rule


@pytest.mark.parametrize(
    ("cloud", "machine", "kind", "name"),
    [
        ("aws", "m5.large", "ours", "dstack-0.14"),
        ("aws", "", "ours", "dstack-0.14"),
        ("aws", "H100", "external", "Deep Learning Base OSS"),
        ("aws", "p5.48xlarge", "external", "898082745236"),
        ("azure", "Standard_E4s_v6", "ours", "dstack-0.14"),
        ("azure", "Standard_NV36ads_A10_v5", "ours", "dstack-grid-0.14"),
        ("azure", "Standard_NC24ads_A100_v4", "ours", "dstack-cuda-0.14"),
        ("azure", "Standard_NC12s_v3", "external", "dstack-cuda-0.10"),
        ("gcp", "n2-standard-4", "ours", "dstack-0-14"),
        ("gcp", "a2-highgpu-1g", "ours", "dstack-cuda-0-14"),
        ("gcp", "T4", "ours", "dstack-cuda-0-14"),
        ("gcp", "a3-megagpu-8g", "external", "dstack-a3mega-5"),
        ("gcp", "a3-highgpu-8g", "external", "cos-121-lts"),
        ("gcp", "K80", "external", "dstack-cuda-0-10"),
        ("oci", "BM.GPU.H100.8", "ours", "dstack-cuda-0.14"),
    ],
)
def test_which_image(contract: Contract, cloud: str, machine: str, kind: str, name: str) -> None:
    found = answer(contract, cloud, machine)
    assert (found["kind"], name in found["name"]) == (kind, True), found


def test_servers_without_settings_boot_what_they_were_made_for(contract: Contract) -> None:
    told = [server["name"] for server in finder(contract)["servers"]]
    assert told[0] == "0.14, told by settings", "the current one comes first"
    assert "0.14, as dstack 0.21.2 to 0.22.0 comes" in told
    old = len(told) - 1
    assert "cos-105" in answer(contract, "gcp", "a3-edgegpu-8g", old)["name"]
    staging = contract.model_copy(update={"prefix": "stgn-1-"})
    assert answer(staging, "aws", "m5.large", old)["kind"] == "absent"


def test_hole_is_seen(contract: Contract, page: str) -> None:
    newest = next(card for card in cards(contract, {}) if card["version"] == "0.15")
    assert newest["state"] == "partial"
    aws = next(cloud for cloud in matrix(contract.releases[-1]) if cloud["name"] == "AWS")
    assert ("us-west-1", True) in [row[:2] for row in aws["rows"] if None in row[2]]
    assert "Missing: us-west-1 (the copy failed)" in page
    assert page.count('<span class="hole">hole</span>') == 1, "of the releases that live"
    assert {CLOUD_NAMES[cloud] for cloud in REGIONS} <= set(re.findall(r"<h3>([^<]+)</h3>", page))


def with_package_list(found: Contract, version: str, sha256: str) -> Contract:
    """The same, but packages of a release's images are listed by another checksum."""

    def changed(image: Image) -> Image:
        assert image.content
        other = image.content.model_copy(update={"package_list_sha256": sha256})
        return image.model_copy(update={"content": other})

    releases = [
        release.model_copy(update={"images": [changed(image) for image in release.images]})
        if release.version == version
        else release
        for release in found.releases
    ]
    return found.model_copy(update={"releases": releases})


def test_changes_since_the_release_before_are_those_of_diff(
    contract: Contract, tmp_path: Path
) -> None:
    newer = with_package_list(contract, "0.15", "9" * 64)
    for release, packages in zip(
        newer.releases[-2:], ("curl 8.5", "curl 8.6\njq 1.7"), strict=True
    ):
        content = release.images[0].content
        assert content
        lines = "".join(f"{line} amd64\n" for line in packages.splitlines())
        (tmp_path / f"{content.bake}.txt").write_text(lines)
    page = html5lib.parse(render(newer, {}, tmp_path), namespaceHTMLElements=False)
    article = page.find(".//section[@id='releases']/article")
    assert article is not None
    name = "dstack-0.15"
    image = next(
        each for each in article.iter("details") if each.findtext("summary", "").startswith(name)
    )
    tables = {
        table.findtext("caption"): [
            tuple("".join(cell.itertext()) for cell in row) for row in table.iter("tr")
        ][1:]
        for table in image.iter("table")
    }
    changed = tables["Changed since 0.14"]
    assert changed[0] == ("kernel", "6.8.0-1098-aws", "6.8.0-1105-aws", "up"), "it comes first"
    assert ("Docker", "27.1.1", "27.5.1", "up") in changed
    assert tables["Packages changed since 0.14"] == [
        ("curl:amd64", "8.5", "8.6", "up"),
        ("jq:amd64", "", "1.7", "added"),
    ]
    assert "1 up" in "".join(image.itertext())
    text = "".join("".join(article.itertext()).split("dstack-cuda-0.15")[1:])
    assert "Packages differ" in text, "where no list is at hand, it is said"


def test_streams_are_small_sorted_and_of_their_schema(contract: Contract) -> None:
    text = contract.model_dump_json()
    document = json.loads(streams(contract, text))
    described = json.loads((PROJECT / "images" / "streams.schema.json").read_text())
    assert schema() == (PROJECT / "images" / "streams.schema.json").read_text(), (
        "run `python -m images.streams >images/streams.schema.json`"
    )
    jsonschema.validate(document, described)
    assert list(document["releases"]) == ["0.14", "0.15"], "what retires is in the archive"
    assert document["releases"]["0.15"]["state"] == "partial"
    assert document["releases"]["0.15"]["images"]["aws-cuda"]["missing"] == ["us-west-1"]
    assert document["contract_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert streams(contract, text) == json.dumps(document, indent=1, sort_keys=True) + "\n"
    (old,) = archived(contract, text).items()
    jsonschema.validate(json.loads(old[1]), described)
    assert old[0] == "0.13"
    assert len(streams(contract, text)) < 32 << 10


def test_command_writes_page_and_streams(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "contract.json").write_text(contract.model_dump_json(), encoding="utf-8")
    (tmp_path / "records").mkdir()
    for name, record in records(contract).items():
        (tmp_path / "records" / f"{name}.json").write_text(record.model_dump_json())
    done = subprocess.run(
        [sys.executable, "-m", "ops", "catalog", "contract.json", "--records", "records"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "dist" / "catalog.html").read_text(encoding="utf-8")
    assert "SPDX-2.3 by debsbom" in page
    assert json.loads((tmp_path / "dist" / "streams.json").read_text())["current"] == "0.14"
    assert (tmp_path / "dist" / "archive" / "0.13.json").is_file()
