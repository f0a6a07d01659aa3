"""dstack's side: with the output `contract`, its schema, and a server's own way to find images.

Nothing of this project is imported on that side. What it gets to know is what Pulumi prints.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from azure.identity import ClientSecretCredential

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_harness import CloudHarness
from tests.engine.cloud_stack import CloudStack
from tests.engine.dstack_server import Aws, Azure, Backend, Gcp, NoImage, Server
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import CHECKOUT
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.login import PERSON, SECRET
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT

pytestmark = pytest.mark.engine

SCHEMA = CHECKOUT / "images" / "contract.schema.json"


def printed(stack: CloudStack) -> dict[str, Any]:
    """What `pulumi stack output contract --json` prints, which the schema has to describe."""
    done = stack.pulumi.run("stack", "output", "contract", "--json", "--stack", stack.pulumi.stack)
    contract = json.loads(done.stdout)
    jsonschema.validate(contract, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return contract


def current(contract: dict[str, Any]) -> list[dict[str, Any]]:
    """The images of the release that servers are started with."""
    (found,) = (one for one in contract["releases"] if one["version"] == contract["current"])
    return found["images"]


def backends(contract: dict[str, Any], world: CloudHarness) -> list[Backend]:
    """As servers of both generations see the cloud."""
    place = current(contract)[0]["place"]
    if isinstance(world, AwsWorld):
        return [Aws(place["account_id"], world.account.address)]
    if isinstance(world, GcpWorld):
        return [Gcp(place["project"], world.project.address)]
    assert isinstance(world, AzureWorld)
    address = world.subscription.address
    login = ClientSecretCredential(
        TENANT, PERSON, SECRET, authority=address, disable_instance_discovery=True
    )
    found = (place["gallery"]["public_name"], place["resource_group"])
    return [Azure(*found, SUBSCRIPTION, address, login, asks) for asks in (True, False)]


def promised(image: dict[str, Any], location: str) -> str:
    """What the contract says is there, in the words of a server's answer."""
    place = image["place"]
    if place["cloud"] == "aws":
        return place["regions"][location]["ami"]
    if place["cloud"] == "gcp":
        return f"projects/{place['project']}/global/images/{place['id']}"
    assert location in place["gallery"]["replicas"]
    return f"/CommunityGalleries/{place['gallery']['public_name']}/Images/{image['name']}"


# On Oracle Cloud nothing is current before its listings are reviewed: test_oci_stack.py has that.
@pytest.mark.parametrize("world", ["aws", "azure", "gcp"], indirect=True)
def test_a_server_finds_in_every_place_what_the_contract_says(
    tmp_path: Path, world: CloudHarness, warm: WarmPython, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = CloudStack.open(tmp_path, world, warm, stack="prod")
    stack.up()
    contract = printed(stack)
    for name, value in world.env().items():
        monkeypatch.setenv(name, value)
    server = Server.started_with(contract["server_env"])
    images = {image["variant"]: image for image in current(contract)}
    for backend in backends(contract, world):
        for location in world.prod_places:
            for variant in {"cpu", "cuda"} & set(images):
                found = backend.find(server, location, cuda=variant == "cuda")
                assert found == promised(images[variant], location)
            with pytest.raises(NoImage):
                backend.find(Server("9.9", ""), location, cuda=False)
            with pytest.raises(NoImage):
                backend.find(Server(server.version, "stgn-9-"), location, cuda=False)
