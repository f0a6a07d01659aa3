"""Prints the preview of the committed stack `staging`, with all of its clouds simulated."""

import sys
import tempfile
from pathlib import Path

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.committed_staging import settle_staging
from tests.engine.gcp_world import GcpWorld
from tests.engine.oci_world import OciWorld
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.project import GcpProject
from tests.simulators.oci.server import OciTenancy


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="dstack-preview-") as folder,
        MotoAccount() as account,
        AzureSubscription() as subscription,
        GcpProject() as project,
        OciTenancy() as tenancy,
    ):
        aws = AwsWorld(account)
        stack = CloudStack.open(Path(folder), aws)
        config = settle_staging(
            stack, aws, AzureWorld(subscription), GcpWorld(project), OciWorld(tenancy)
        )
        stack.configure(
            releases=config["dstack-images:releases"], clouds=config["dstack-images:clouds"]
        )
        done = stack.pulumi.run("preview", "--stack", "staging", "--diff", check=False)
        print(done.stdout + done.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
