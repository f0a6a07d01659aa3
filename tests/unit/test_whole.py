"""A removal that is told to end leaves nothing that no later run would find."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from bakery.aws import amis
from bakery.aws.amis import Ami
from bakery.oci import clients
from bakery.oci.images import Images
from tests.fakes.aws_content import make_ami
from tests.fakes.oci_jobs import add_content
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.unit import oci_tenancy

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


@pytest.fixture(autouse=True)
def endable() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def told_to_end(call: Callable[..., Any]) -> Callable[..., Any]:
    """Does the call, and is told to end before its answer is read."""

    def done(*args: Any, **more: Any) -> Any:
        answer = call(*args, **more)
        signal.raise_signal(signal.SIGINT)
        return answer

    return done


def test_ami_goes_with_its_snapshots(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No snapshot of an AMI that is gone has a name or a tag."""
    make_ami(ec2, "dstack", {})
    (ami,) = amis.named(ec2, "dstack")
    monkeypatch.setattr(ec2, "deregister_image", told_to_end(ec2.deregister_image))
    with pytest.raises(KeyboardInterrupt):
        amis.remove(ec2, ami)
    assert amis.named(ec2, "dstack") == list[Ami]()
    left = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert ami.snapshots
    assert not {one["SnapshotId"] for one in left} & set(ami.snapshots)


def test_image_goes_with_its_schemas(tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas are asked for by their image."""
    image = add_content(tenancy)["id"]
    schemas = tenancy.api.region(HOME).schemas.all
    schemas["1"] = {"id": "1", "imageId": image}
    found = Images(clients.access(), HOME, COMPARTMENT)
    monkeypatch.setattr(found._client, "delete_image", told_to_end(found._client.delete_image))
    with pytest.raises(KeyboardInterrupt):
        found.remove(image)
    assert (tenancy.api.images(), schemas) == ([], {})
