"""Prints the preview of the committed stack `staging`, with all of its clouds simulated."""

import sys
import tempfile
from pathlib import Path

import yaml

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import CHECKOUT
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.project import GcpProject


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="dstack-preview-") as folder,
        MotoAccount() as account,
        AzureSubscription() as subscription,
        GcpProject() as project,
    ):
        worlds = (AwsWorld(account), AzureWorld(subscription), GcpWorld(project))
        stack = CloudStack.open(Path(folder), worlds[0])
        committed = yaml.safe_load((CHECKOUT / "Pulumi.staging.yaml").read_text(encoding="utf-8"))
        config = committed["config"]
        clouds = config["dstack-images:clouds"]
        for world in worlds:
            world.settle(clouds[world.cloud])
            stack.pulumi.env.update(world.env())
        stack.configure(releases=config["dstack-images:releases"], clouds=clouds)
        done = stack.pulumi.run("preview", "--stack", "staging", "--diff", check=False)
        print(done.stdout + done.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
