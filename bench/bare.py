"""A program that has as many resources as a stack, of as many providers, and nothing else.

It loads the packages that the stack's resources are of: Pulumi's SDKs of clouds are large, and what
that takes is not the stack's to save.

Each explicit provider is a process of its own: Oracle Cloud wants one for each region, Azure one
for the directory too.
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
import importlib

import pulumi
from pulumi_command import local

config = pulumi.Config()
for package in config.require("packages").split():
    importlib.import_module(package)
for number in range(config.require_int("commands")):
    local.Command(f"c{number}", create="true")
"""
_OTHERS = {
    "aws": """\
import pulumi_aws as aws

services = dict.fromkeys(("ec2", "s3", "sts"), config.require("endpoint"))
provider = aws.Provider(
    "aws", region="eu-west-1", endpoints=[services], s3_use_path_style=True
)
opts = pulumi.ResourceOptions(provider=provider)
aws.s3.Bucket("bucket", bucket="bench-bare", opts=opts)
for number in range(config.require_int("others") - 1):
    aws.ec2.Vpc(f"v{number}", cidr_block="10.0.0.0/24", opts=opts)
""",
    "azure": """\
import pulumi_azure_native as azure
import pulumi_azuread as azuread

host = config.require("endpoint").removeprefix("https://")
provider = azure.Provider("azure", metadata_host=host)
opts = pulumi.ResourceOptions(provider=provider)
group = azure.resources.ResourceGroup(
    "group", resource_group_name="bench", location="westeurope", opts=opts
)
azuread.Provider("azuread", metadata_host=host)
for number in range(config.require_int("others") - 1):
    azure.compute.Gallery(
        f"g{number}",
        gallery_name=f"bench{number}",
        resource_group_name=group.name,
        location="westeurope",
        opts=opts,
    )
""",
    "gcp": """\
import pulumi_gcp as gcp

endpoint = f"{config.require('endpoint')}/storage/v1/"
provider = gcp.Provider("gcp", project="bench", storage_custom_endpoint=endpoint)
opts = pulumi.ResourceOptions(provider=provider)
gcp.storage.Bucket("bucket", name="bench", location="EU", opts=opts)
for number in range(config.require_int("others") - 1):
    gcp.compute.Network(f"n{number}", name=f"bench-{number}", opts=opts)
""",
    "oci": """\
import pulumi_oci as oci

count = config.require_int("providers")
providers = [oci.Provider(f"oci{number}", region="eu-frankfurt-1") for number in range(count)]
for number in range(config.require_int("others")):
    oci.core.Vcn(
        f"v{number}",
        compartment_id="ocid1.tenancy.oc1..bench",
        cidr_block="10.0.0.0/24",
        opts=pulumi.ResourceOptions(provider=providers[number % count]),
    )
""",
}


def bare(folder: Path, beside: CloudStack, endpoint: str) -> Pulumi:
    """The program with as many commands and others as the stack has, up."""
    cloud = beside.world.cloud
    kinds = [str(resource["type"]) for resource in beside.pulumi.resources()]
    commands = kinds.count("command:local:Command")
    providers = len([kind for kind in kinds if _of_cloud(kind)])
    others = len(kinds) - commands - providers
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
    packages = sorted({package for kind in kinds if (package := _package(kind))})
    pulumi.set_config("bare:packages", " ".join(packages))
    pulumi.up()
    return pulumi


def _of_cloud(kind: str) -> bool:
    """Whether it is a provider, and not that of commands."""
    return kind.startswith("pulumi:providers:") and not kind.endswith(":command")


def _package(kind: str) -> str | None:
    """`oci:Identity/policy:Policy` is of `pulumi_oci.identity`; Pulumi's own types are of none."""
    package, module, _ = kind.split(":")
    if package in ("pulumi", "dstack-images"):
        return None
    name = module.partition("/")[0].lower()
    return f"pulumi_{package.replace('-', '_')}" + (f".{name}" if name != "index" else "")
