"""What the real provider would not take, the simulated one does not take either."""

from typing import Any

import pytest

from tests.clouds.declared_stack import COPY, DeclaredStack
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.aws.provider.cloud import Aws
from tests.simulators.pulumi.cloud import Model
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_a_wrong_input_is_named(stack: DeclaredStack, clouds: SimulatedClouds) -> None:
    stack.declare("ssm.Parameter", "wrong", type="String", value="x", tier=5)
    assert "property tier value {5} has a problem: must be a string, not a number" in stack.fail()
    assert clouds.calls("create") == []


def test_a_wrong_setting_of_the_provider_is_named(stack: DeclaredStack) -> None:
    stack.declare("Provider", "wrong", region="us-east-1", endpoints=[{"ec3": "http://127.0.0.1"}])
    assert "there is no property ec3" in stack.fail()


def test_without_credentials_nothing_goes(stack: DeclaredStack) -> None:
    stack.declare_parameter("token")
    stack.pulumi.env["AWS_ACCESS_KEY_ID"] = ""
    assert "No valid credential sources found" in stack.fail()


def test_what_the_cloud_refuses_says_why(account: MotoAccount) -> None:
    copying = model(account, COPY)
    given = {"sourceAmiRegion": "us-east-1", "name": "dstack"}
    with pytest.raises(CloudError, match=r"CopyImage, api error InvalidAMIID\.NotFound"):
        copying.create("copy", {**given, "sourceAmiId": "ami-0123456789abcdef0"})
    right = {**given, "sourceAmiId": account.source_ami}
    first = copying.create("copy", right).id
    with pytest.raises(CloudError, match=rf"InvalidAMIName\.Duplicate: .*by AMI {first}"):
        copying.create("copy", right)


def test_a_bucket_goes_with_its_content_only_where_that_is_wanted(account: MotoAccount) -> None:
    buckets = model(account, "aws:s3/bucket:Bucket")
    made = buckets.create("logs", {"bucket": "logs"})
    s3 = account.client("s3")
    s3.put_object(Bucket="logs", Key="log", Body=b"")
    with pytest.raises(CloudError, match="BucketNotEmpty"):
        buckets.delete(made.id, made.outputs)
    buckets.delete(made.id, {**made.outputs, "forceDestroy": True})
    assert s3.list_buckets()["Buckets"] == []


def test_an_expired_session_says_so(account: MotoAccount) -> None:
    cloud = configured(account, accessKey="EXPIRED")
    with pytest.raises(CloudError, match=r"ExpiredToken: The security token .* is expired"):
        cloud.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})


def model(account: MotoAccount, kind: str) -> Model:
    found = configured(account, accessKey="testing").model(kind)
    assert found is not None
    return found


def configured(account: MotoAccount, **config: Any) -> Aws:
    cloud = Aws()
    given = {"region": "us-east-1", "secretKey": "testing", "endpoints": account.endpoints}
    cloud.configure({**given, **config})
    return cloud
