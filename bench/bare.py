"""A program that has as many resources as a stack, of as many providers, and nothing else.

Each explicit provider is a process of its own: Oracle Cloud wants one for each region.
"""

from pathlib import Path

from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import Pulumi

_PROJECT = """\
name: bare
runtime:
  name: python
  options:
    virtualenv: .venv
"""
_COMMANDS = """\
import pulumi
from pulumi_command import local

config = pulumi.Config()
for number in range(config.require_int("commands")):
    local.Command(f"c{number}", create="true")
"""
_OTHERS = {
    "aws": """\
import pulumi_aws as aws

services = dict.fromkeys(("ec2", "ssm", "sts"), config.require("endpoint"))
provider = aws.Provider("aws", region="eu-west-1", endpoints=[services])
opts = pulumi.ResourceOptions(provider=provider)
for number in range(config.require_int("others")):
    aws.ssm.Parameter(f"p{number}", name=f"/bench/{number}", type="String", value="x", opts=opts)
""",
    "azure": """\
import pulumi_azure_native as azure

host = config.require("endpoint").removeprefix("https://")
provider = azure.Provider("azure", metadata_host=host)
opts = pulumi.ResourceOptions(provider=provider)
for number in range(config.require_int("others")):
    azure.resources.ResourceGroup(
        f"r{number}", resource_group_name=f"bench-{number}", location="westeurope", opts=opts
    )
""",
    "gcp": """\
import pulumi_gcp as gcp

endpoint = config.require("endpoint")
provider = gcp.Provider("gcp", project="bench", pubsub_custom_endpoint=endpoint)
opts = pulumi.ResourceOptions(provider=provider)
for number in range(config.require_int("others")):
    gcp.pubsub.Topic(f"t{number}", name=f"bench-{number}", opts=opts)
""",
    "oci": """\
import pulumi_oci as oci

count = config.require_int("providers")
providers = [oci.Provider(f"oci{number}", region="eu-frankfurt-1") for number in range(count)]
opts = pulumi.ResourceOptions(provider=providers[0])
for number in range(config.require_int("others")):
    oci.identity.Group(
        f"g{number}",
        compartment_id="ocid1.tenancy.oc1..bench",
        name=f"bench-{number}",
        description="x",
        opts=opts,
    )
""",
}


def bare(folder: Path, beside: CloudStack, endpoint: str) -> Pulumi:
    """The program with as many commands and others as the stack has, up."""
    cloud = beside.world.cloud
    commands = len(beside.pulumi.resources("command:local:Command"))
    # The other clouds' stacks have one.
    providers = len(beside.pulumi.resources("pulumi:providers:oci")) or 1
    others = len(beside.pulumi.resources()) - commands - providers
    project = folder / "project"
    project.mkdir(parents=True)
    program = _COMMANDS + _OTHERS[cloud]
    (project / "__main__.py").write_text(program, encoding="utf-8")
    (project / "Pulumi.yaml").write_text(_PROJECT, encoding="utf-8")
    (project / ".venv").symlink_to(beside.project / ".venv")
    pulumi = Pulumi(project, folder / "pulumi", "bare", beside.pulumi.env).init()
    pulumi.set_config("bare:endpoint", endpoint)
    pulumi.set_config("bare:commands", str(commands))
    pulumi.set_config("bare:others", str(others))
    pulumi.set_config("bare:providers", str(providers))
    pulumi.up()
    return pulumi
