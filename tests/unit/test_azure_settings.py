"""What is configured for Azure, and what is refused in words."""

import json
from typing import Any

import pytest

from config.azure import SERVED, Azure
from config.load import load
from images.errors import ConfigurationError
from tests.unit.unit_samples import CLOUDS, LOCAL, flat

pytestmark = pytest.mark.unit


def azure(**changes: Any) -> Azure:
    values = {**LOCAL, "clouds": {"azure": {**CLOUDS["azure"], **changes}}}
    found = load(flat(values)).clouds.azure
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"location": "No-Where"}, "azure has no region No-Where"),
        ({"packerLocation": "No-Where"}, "azure has no region No-Where"),
        ({"location": "westeurope", "buildGroup": "packer"}, "buildGroup and packerGroup are both"),
        ({"regions": ["westeurope", "No-Where"]}, "azure has no region No-Where"),
        ({"source": "ubuntu"}, "a source is publisher:offer:sku of the marketplace"),
        ({"source": "canonical:ubuntu:server:latest"}, "a source is publisher:offer:sku"),
        ({"diskGb": 60}, "less than or equal to 30"),
        ({"packerGroup": "ends-with."}, "must match"),
        ({"gallery": "with-a-dash"}, "must match"),
        ({"adopt": ["somebody-elses"]}, "adopt names somebody-elses, which is neither a group"),
        ({"replicas": {"westus": 2}}, "replicas names westus, which is not in regions"),
        ({"replicas": {"westeurope": 0}}, "greater than or equal to 1"),
        ({"sshFrom": ["here"]}, "a network is written like"),
        ({"operators": ["me@example.com"]}, "must match"),
        ({"scope": "tenant"}, "allowed: 'groups' or 'subscription'"),
        ({"clientSecret": {"rotateAfterDays": 0}}, "greater than or equal to 1"),
        ({"endpoint": "http://127.0.0.1"}, "must match"),
        ({"community": {"prefix": "x"}}, "community.contact is missing"),
    ],
    ids=json.dumps,
)
def test_mistakes(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        azure(**changes)


def test_defaults_are_those_of_the_old_instructions() -> None:
    values = {key: value for key, value in CLOUDS["azure"].items() if key != "location"}
    values = {**LOCAL, "clouds": {"azure": values}}
    found = load(flat(values)).clouds.azure
    assert found is not None
    assert (found.packer_group, found.packer_location) == ("packer", "eastus")
    assert (found.builds_in, found.location) == ("packer", "eastus")
    assert found.scope == "groups"
    assert (found.github, found.client_secret) == (None, None)


def test_regions_are_those_that_servers_accept_and_others_by_configuration() -> None:
    assert azure().regions == SERVED
    assert len(SERVED) == 16
    others = ["australiaeast", "centralindia", "japaneast", "koreacentral", "norwayeast"]
    others += ["qatarcentral", "southafricanorth", "switzerlandnorth", "uaenorth"]
    assert not set(SERVED) & set(others)
    assert azure(regions=[*SERVED, *others]).regions == [*SERVED, *others]


def test_grid_is_not_installed_unchecked() -> None:
    grid = {"url": "https://download.microsoft.com/x.run"}
    values = {
        **LOCAL,
        "nvidia": {"grid": grid},
        "clouds": {"azure": {**CLOUDS["azure"], "variants": {"grid": {}}}},
    }
    with pytest.raises(ConfigurationError, match="nothing is installed unchecked"):
        load(flat(values))
    values["nvidia"] = {"grid": {**grid, "sha256": "0" * 64}}
    assert load(flat(values)).clouds.azure
