"""S3: buckets."""

from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.simulators.aws.provider.model import AwsModel, tags_wanted
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

# The one region that a bucket must not be put into by name.
HOME = "us-east-1"


class Bucket(AwsModel):
    service = "s3"
    rules: ClassVar[Rules] = replaced_by(
        "bucket", "bucketPrefix", "objectLockEnabled", named_by="bucket"
    )

    def create(self, name: str, inputs: Properties) -> Made:
        id, region = inputs["bucket"], self.region(inputs)
        where = {} if region == HOME else {"LocationConstraint": region}
        self.client(inputs).create_bucket(
            Bucket=id,
            ObjectLockEnabledForBucket=inputs.get("objectLockEnabled", False),
            **({"CreateBucketConfiguration": where} if where else {}),
        )
        return Made(id, self.update(id, inputs, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        client, region = self.client(state), self.region(state)
        client.head_bucket(Bucket=id)
        return {
            **state,
            **self.tags_seen(_tags(client, id), state),
            "bucket": id,
            "arn": f"arn:aws:s3:::{id}",
            "bucketDomainName": f"{id}.s3.amazonaws.com",
            "bucketRegion": region,
            "bucketRegionalDomainName": f"{id}.s3.{region}.amazonaws.com",
            "region": region,
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        client, tags = self.client(inputs), tags_wanted(inputs)
        if tags:
            client.put_bucket_tagging(Bucket=id, Tagging={"TagSet": tags})
        else:
            client.delete_bucket_tagging(Bucket=id)
        return self.read(id, inputs) or {}

    def delete(self, id: str, state: Properties) -> None:
        client = self.client(state)
        if state.get("forceDestroy"):
            _empty(client, id)
        client.delete_bucket(Bucket=id)


def _tags(client: Any, id: str) -> list[dict[str, str]]:
    try:
        return client.get_bucket_tagging(Bucket=id)["TagSet"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchTagSet":
            return []
        raise


def _empty(client: Any, id: str) -> None:
    found = client.list_object_versions(Bucket=id)
    for version in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
        client.delete_object(Bucket=id, Key=version["Key"], VersionId=version["VersionId"])
