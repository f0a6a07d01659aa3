"""The committed stack `staging`, with each of its clouds led to a simulated one."""

from pathlib import Path
from typing import Any

import yaml

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import CHECKOUT
from tests.engine.oci_world import OciWorld


def settle_staging(
    stack: CloudStack, aws: AwsWorld, azure: AzureWorld, gcp: GcpWorld, oci: OciWorld
) -> dict[str, Any]:
    """Its configuration; `stack` has what leads its processes to the clouds."""
    text = (CHECKOUT / "Pulumi.staging.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)["config"]
    clouds = config["dstack-images:clouds"]
    worlds = {world.cloud: world for world in (aws, azure, gcp, oci)}
    assert set(clouds) == set(worlds), "a cloud that is built is in the stack, and no other"
    for cloud, world in worlds.items():
        world.settle(clouds[cloud])
        stack.pulumi.env.update(world.env())
    stack.pulumi.env.update(_trusting(stack.pulumi.home, azure.env(), oci.env()))
    return config


def _trusting(folder: Path, *clouds: dict[str, str]) -> dict[str, str]:
    """Two simulated clouds vouch for themselves, each by an authority of its own."""
    variables = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    files = {env[name] for env in clouds for name in variables if name in env}
    bundle = folder / "authorities.pem"
    bundle.write_text("\n".join(Path(file).read_text() for file in sorted(files)))
    return dict.fromkeys(variables, str(bundle))
