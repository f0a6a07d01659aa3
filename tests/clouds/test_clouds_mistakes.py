"""What the real provider would not take, the simulated one does not take either."""

from typing import Any

import pytest

from declared_stack import DeclaredStack
from moto_account import MotoAccount
from simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_wrong_inputs_are_named(stack: DeclaredStack, clouds: SimulatedClouds) -> None:
    stack.declare("ec2.AmiCopy", "type", source_ami_id=5, source_ami_region="us-east-1")
    stack.declare(
        "ec2.AmiCopy",
        "name",
        source_ami_id="ami-1",
        source_ami_region="us-east-1",
        ebs_block_devices=[{"volumeSizee": 8}],
    )
    stack.declare("ec2.RouteTable", "nested", vpc_id="vpc-1", routes=[{"gateway_id": 5}])
    stack.declare(
        "s3.BucketVersioning", "missing", bucket="b", versioning_configuration={"mfa_delete": "a"}
    )
    output = stack.fail()
    assert "property sourceAmiId value {5} has a problem: must be a string, not a number" in output
    assert "property ebsBlockDevices[0].volumeSizee" in output
    assert "there is no property volumeSizee; there are: deleteOnTermination" in output
    assert "property routes[0].gatewayId" in output
    assert "the required property status is missing" in output
    assert clouds.calls("create") == []


def test_a_wrong_setting_of_the_provider_is_named(stack: DeclaredStack) -> None:
    stack.declare("Provider", "wrong", region="us-east-1", endpoints=[{"ec3": "http://127.0.0.1"}])
    assert "there is no property ec3" in stack.fail()


def test_without_credentials_nothing_goes(stack: DeclaredStack) -> None:
    stack.declare("s3.Bucket", "logs")
    stack.pulumi.env["AWS_ACCESS_KEY_ID"] = ""
    assert "No valid credential sources found" in stack.fail()
    stack.pulumi.env["AWS_ACCESS_KEY_ID"] = "EXPIRED"
    assert "ExpiredToken: The security token included in the request is expired" in stack.fail()


def test_what_the_cloud_refuses_says_why(stack: DeclaredStack, account: MotoAccount) -> None:
    given: dict[str, Any] = {"source_ami_region": "us-east-1", "name": "taken"}
    stack.declare("ec2.AmiCopy", "absent", source_ami_id="ami-0123456789abcdef0", **given)
    assert "operation error CopyImage, api error InvalidAMIID.NotFound" in stack.fail()
    other = account.client("ec2").copy_image(
        SourceImageId=account.source_ami, SourceRegion="us-east-1", Name="taken"
    )
    stack.declare("ec2.AmiCopy", "absent", source_ami_id=account.source_ami, **given)
    output = stack.fail()
    assert "InvalidAMIName.Duplicate" in output
    assert other["ImageId"] in output
