"""What the real provider would not take, the simulated one does not take either."""

import pytest

from declared_stack import DeclaredStack
from simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_wrong_inputs_are_named(stack: DeclaredStack, clouds: SimulatedClouds) -> None:
    stack.declare("ssm.Parameter", "wrong", type="String", value="x", tier=5)
    assert "property tier value {5} has a problem: must be a string, not a number" in stack.fail()
    rule = {"objectOwnerships": "BucketOwnerEnforced"}
    stack.declare("s3.BucketOwnershipControls", "wrong", bucket="b", rule=rule)
    output = stack.fail()
    assert "property rule.objectOwnerships" in output
    assert "there is no property objectOwnerships; there are: objectOwnership" in output
    assert clouds.calls("create") == []


def test_a_wrong_setting_of_the_provider_is_named(stack: DeclaredStack) -> None:
    stack.declare("Provider", "wrong", region="us-east-1", endpoints=[{"ec3": "http://127.0.0.1"}])
    assert "there is no property ec3" in stack.fail()


def test_without_credentials_nothing_goes(stack: DeclaredStack) -> None:
    stack.declare_parameter("token")
    stack.pulumi.env["AWS_ACCESS_KEY_ID"] = ""
    assert "No valid credential sources found" in stack.fail()
    stack.pulumi.env["AWS_ACCESS_KEY_ID"] = "EXPIRED"
    assert "ExpiredToken: The security token included in the request is expired" in stack.fail()


def test_what_the_cloud_refuses_says_why(stack: DeclaredStack) -> None:
    source = {"source_ami_id": "ami-0123456789abcdef0", "source_ami_region": "us-east-1"}
    stack.declare("ec2.AmiCopy", "absent", **source)
    assert "operation error CopyImage, api error InvalidAMIID.NotFound" in stack.fail()
