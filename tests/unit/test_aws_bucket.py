"""The bucket of records, and what becomes of it."""

import json

import pulumi
import pytest

from components.aws.bucket import RecordsBucket, RecordsBucketArgs
from tests.simulators.aws.policy_evaluator import allowed
from tests.unit.registered import Registered, registered
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit

NAME = "dstack-images-staging-123456789012"


def bucket(*, kept: bool = False) -> Registered:
    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        args = RecordsBucketArgs(name=NAME, stack=stack_of(immutable=kept))
        return RecordsBucket("records", args, opts).name

    return registered(make)


def test_has_the_name_that_permissions_are_written_for() -> None:
    made = bucket()
    assert made.output == NAME
    inputs = made.inputs("Bucket records-bucket")
    assert inputs["bucket"] == NAME
    assert inputs["tags"] == {"dstack-stack": "staging", "Name": NAME}


@pytest.mark.parametrize("kept", [False, True])
def test_private_encrypted_versioned(kept: bool) -> None:
    made = bucket(kept=kept)
    assert made.inputs("BucketPublicAccessBlock records-closed") == {
        "bucket": NAME,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    ownership = made.inputs("BucketOwnershipControls records-ownership")
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    encryption = made.inputs("BucketServerSideEncryptionConfiguration records-encryption")
    (rule,) = encryption["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    versioning = made.inputs("BucketVersioning records-versioning")
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}


@pytest.mark.parametrize("resource", [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/records/x"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:ListBucket"])
def test_not_even_its_owner_gets_through_in_the_clear(action: str, resource: str) -> None:
    made = bucket()
    policy = json.loads(made.inputs("BucketPolicy records-policy")["policy"])
    owners = {
        "Sid": "Owner",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": ["*"],
    }
    policy["Statement"].append(owners)
    assert not allowed(policy, action, resource, {"aws:SecureTransport": "false"})
    assert allowed(policy, action, resource, {"aws:SecureTransport": "true"})


def test_kept_bucket_cannot_be_destroyed_nor_weakened() -> None:
    made = bucket(kept=True)
    assert made.inputs("Bucket records-bucket")["forceDestroy"] is False
    for name, noted in made.children().items():
        assert noted.options.protect, name


def test_other_bucket_goes_with_its_stack() -> None:
    made = bucket()
    assert made.inputs("Bucket records-bucket")["forceDestroy"] is True
    for name, noted in made.children().items():
        assert not noted.options.protect, name


def test_only_what_was_overwritten_or_broken_off_expires_where_it_is_kept() -> None:
    made = bucket(kept=True)
    (rule,) = made.inputs("BucketLifecycleConfiguration records-lifecycle")["rules"]
    assert set(rule) == {
        "id",
        "status",
        "filter",
        "noncurrentVersionExpiration",
        "abortIncompleteMultipartUpload",
    }


def test_logs_expire_elsewhere_and_records_do_not() -> None:
    made = bucket()
    rules = made.inputs("BucketLifecycleConfiguration records-lifecycle")["rules"]
    expiring = {
        rule["filter"]["prefix"]: rule["expiration"] for rule in rules if "expiration" in rule
    }
    assert expiring == {"logs/": {"days": 30}}
    old = [
        rule["noncurrentVersionExpiration"]
        for rule in rules
        if "noncurrentVersionExpiration" in rule
    ]
    assert old == [{"noncurrentDays": 30}]


def test_everything_goes_through_the_given_provider() -> None:
    made = bucket()
    assert len(made.children()) == 7
    for name, noted in made.children().items():
        assert "pulumi:providers:aws::explicit" in noted.options.provider, name
