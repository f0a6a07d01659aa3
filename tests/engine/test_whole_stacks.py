"""The committed stacks as they are, with all of their clouds at once."""

from pathlib import Path

import pytest
import yaml

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import CHECKOUT, all_unchanged
from tests.engine.oci_world import OciWorld
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine


def test_staging_has_every_image_of_every_cloud(
    tmp_path: Path,
    aws: AwsWorld,
    azure: AzureWorld,
    gcp: GcpWorld,
    oci: OciWorld,
    warm: WarmPython,
) -> None:
    worlds = {world.cloud: world for world in (aws, azure, gcp, oci)}
    stack = CloudStack.open(tmp_path, aws, warm)
    committed = yaml.safe_load((CHECKOUT / "Pulumi.staging.yaml").read_text(encoding="utf-8"))
    clouds = committed["config"]["dstack-images:clouds"]
    assert set(clouds) == set(worlds), "a cloud that is built is in the stack, and no other"
    for cloud, world in worlds.items():
        world.settle(clouds[cloud])
        stack.pulumi.env.update(world.env())
    stack.pulumi.env.update(trusting(tmp_path, azure.env(), oci.env()))
    stack.configure(clouds=clouds)
    stack.up()
    outputs = stack.pulumi.outputs()
    assert {cloud: set(found) for cloud, found in outputs["images"].items()} == {
        cloud: set(section["variants"]) for cloud, section in clouds.items()
    }
    names = {image["name"] for image in stack.pulumi.images()}
    wanted = ("stgn-1-dstack-0.14", "stgn-1-dstack-cuda-0.14")
    assert names == {world.name(name) for world in worlds.values() for name in wanted}
    assert stack.runs() == (8, 8)
    assert all_unchanged(stack.up())


def trusting(folder: Path, *clouds: dict[str, str]) -> dict[str, str]:
    """Two simulated clouds vouch for themselves, each by an authority of its own."""
    variables = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    files = {env[name] for env in clouds for name in variables if name in env}
    bundle = folder / "authorities.pem"
    bundle.write_text("\n".join(Path(file).read_text() for file in sorted(files)))
    return dict.fromkeys(variables, str(bundle))
