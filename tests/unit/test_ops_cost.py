"""`python -m ops cost`: what a stack costs at most, by a file of prices."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.__main__ import main
from ops.prices import DEFAULT, read_prices
from tests.fakes.stack_files import use_folder, write_stack
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

ONE = {"disk": 0.0, "image": 1.0, "transfer": 0.5}
PRICES: dict[str, Any] = {
    "as_of": "2026-11-01",
    "currency": "EUR",
    "aws": {"machines": {"c5.large": 1.0, "g5.xlarge": 5.0}, **ONE},
    "azure": {"machines": {"Standard_D2s_v6": 1.0, "Standard_D2s_v5": 2.0}, **ONE},
    "gcp": {"machines": {"e2-standard-4": 1.0}, **ONE, "disk": 730.0},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_folder(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("prices.yaml").write_text(yaml.safe_dump(PRICES))
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, tuple[float, float, float]]:
    """Image -> once for the bake, once for copies, each month."""
    assert main(["cost", "-s", "test", "--prices", "prices.yaml", "--json", *more]) == 0
    found = json.loads(capsys.readouterr().out)["costs"]
    return {
        f"{one['cloud']}-{one['variant']}": (one["bake"], one["copies"], one["monthly"])
        for one in found
    }


def test_aws_pays_in_each_region(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """100 GB: two releases in three regions, and the bake; the home region gets no transfer."""
    chosen = {
        "regions": ["eu-west-1", "us-east-1", "us-west-2"],
        "variants": {"cpu": {}, "cuda": {"verifyInstanceType": "g5.xlarge"}},
    }
    write_stack(folder, "test", {"aws": chosen}, releases=["0.14", "0.15"])
    assert asked(capsys, "--minutes", "30") == {
        "aws-cpu": (1.0, 100.0, 700.0),
        "aws-cuda": (3.0, 100.0, 700.0),
    }
    assert asked(capsys)["aws-cpu"][0] == 3.0, "an hour and a half each, which is the limit"


def test_without_a_release_nothing_is_baked_and_nothing_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "test", {"aws": {"variants": {"cpu": {}}}}, releases=[])
    assert asked(capsys) == {}


def test_azure_pays_for_replicas_where_it_is_public(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = {
        "regions": ["westeurope", "eastus"],
        "replicas": {"eastus": 3},
        "gallery": "some_gallery",
        "adopt": ["some_gallery"],
    }
    write_stack(folder, "test", {"azure": chosen}, visibility="public")
    assert asked(capsys, "--minutes", "60") == {"azure-cpu": (3.0, 15.0, 180.0)}
    write_stack(folder, "test", {"azure": {"regions": ["westeurope"]}})
    assert asked(capsys, "--minutes", "60") == {"azure-cpu": (3.0, 0.0, 90.0)}


def test_gcp_pays_once_for_each_release_and_disks_while_they_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "test", {"gcp": {}}, verify=False)
    assert asked(capsys, "--minutes", "60") == {"gcp-cpu": (21.0, 0.0, 40.0)}


def test_max_fails_and_says_how_much_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "test", {"gcp": {}}, verify=False)
    given = ["cost", "-s", "test", "--prices", "prices.yaml", "--minutes", "60"]
    assert main([*given, "--max", "61"]) == 0
    assert "up to 61.00 EUR, by prices of 2026-11-01" in capsys.readouterr().out
    assert main([*given, "--max", "60.99"]) == 3
    assert "up to 61.00 EUR, which is more than --max 60.99" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"gcp": None}, "has none of gcp"),
        ({"gcp": {**PRICES["gcp"], "machines": {}}}, "has none of gcp's e2-standard-4"),
        ({"gcp": {**PRICES["gcp"], "disk": -1}}, "gcp.disk: input should be greater"),
        ({"asof": 1}, "asof: extra inputs are not permitted"),
    ],
)
def test_prices_that_cannot_be_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], told: str
) -> None:
    write_stack(folder, "test", {"gcp": {}})
    Path("prices.yaml").write_text(yaml.safe_dump({**PRICES, **change}))
    assert main(["cost", "-s", "test", "--prices", "prices.yaml"]) == 1
    assert told in capsys.readouterr().err


def test_prices_that_come_along_know_every_machine_of_the_checkouts_stacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_prices(DEFAULT).currency == "USD"
    monkeypatch.setattr("ops.stacks.PROJECT", PROJECT)
    assert main(["cost", "-s", "staging", "--json"]) == 0
