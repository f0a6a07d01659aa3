"""What the SDK knows of a type's inputs, and what is said of wrong ones. No engine."""

import importlib.util
from typing import Any

import pytest

from tests.simulators.pulumi import sdk
from tests.simulators.pulumi.checking import problems
from tests.simulators.pulumi.values import UNKNOWN

# The SDKs warn of their own deprecated types when they are imported.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def wrong(kind: str, **inputs: Any) -> dict[str, str]:
    package = kind.split(":")[0].replace("-", "_")
    if importlib.util.find_spec(f"pulumi_{package}") is None:
        pytest.skip(f"the SDK of {package} is not installed")
    shape = sdk.resource(kind)
    assert shape is not None
    return dict(problems(shape, inputs))


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "reason"),
    [
        ("aws:s3/bucket:Bucket", {"buckett": "b"}, "buckett", "there is no property buckett"),
        ("aws:s3/bucket:Bucket", {"bucket": 5}, "bucket", "must be a string, not a number"),
        ("aws:s3/bucket:Bucket", {"bucket": True}, "bucket", "must be a string, not true or false"),
        ("aws:s3/bucket:Bucket", {"forceDestroy": "yes"}, "forceDestroy", "must be true or false"),
        ("aws:s3/bucket:Bucket", {"tags": {"a": 1}}, 'tags["a"]', "must be a string"),
        ("aws:s3/bucket:Bucket", {"tags": ["a"]}, "tags", "must be a map, not a list"),
        ("aws:s3/bucket:Bucket", {"website": "x"}, "website", "must be an object, not a string"),
        (
            "aws:s3/bucket:Bucket",
            {"corsRules": {"a": "b"}},
            "corsRules",
            "must be a list, not an object",
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": {}},
            "versioningConfiguration.status",
            "the required property status is missing",
        ),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": "{}", "maxSessionDuration": 0.5},
            "maxSessionDuration",
            "must be a whole number",
        ),
        (
            "azure-native:compute:Gallery",
            {"resourceGroupName": "g", "sharingProfile": {"permissions": 1}},
            "sharingProfile.permissions",
            "must be",
        ),
        (
            "azuread:index/application:Application",
            {"displayName": "a", "tags": "x"},
            "tags",
            "must be a list",
        ),
        (
            "gcp:compute/image:Image",
            {"guestOsFeatures": [{"kind": "GVNIC"}]},
            "guestOsFeatures[0].kind",
            "there is no property kind",
        ),
    ],
)
def test_what_is_wrong_is_named(kind: str, inputs: Any, path: str, reason: str) -> None:
    assert reason in wrong(kind, **inputs)[path]


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("aws:s3/bucket:Bucket", {}),
        ("aws:s3/bucket:Bucket", {"tags": UNKNOWN, "forceDestroy": UNKNOWN}),
        ("aws:s3/bucket:Bucket", {"acl": "private", "tags": {"a": UNKNOWN}}),
        ("aws:iam/role:Role", {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": []}}),
        (
            "aws:ec2/amiCopy:AmiCopy",
            {
                "sourceAmiId": "ami-1",
                "sourceAmiRegion": "us-east-1",
                "ebsBlockDevices": [{"deviceName": "/dev/sda1", "volumeSize": 8}],
            },
        ),
        ("gcp:compute/image:Image", {"guestOsFeatures": [{"type": "GVNIC"}], "diskSizeGb": 8}),
    ],
)
def test_what_is_right_passes(kind: str, inputs: Any) -> None:
    assert wrong(kind, **inputs) == {}


def test_a_type_that_does_not_exist() -> None:
    assert sdk.resource("aws:ec2/amiCopy:AmiCopyy") is None
