"""What is set about a bucket as resources of their own: all are put, got and deleted alike."""

import json
from typing import Any, ClassVar

from tests.simulators.aws.provider.api_shapes import covers, from_api, to_api
from tests.simulators.aws.provider.model import AwsModel
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


class BucketPart(AwsModel):
    service = "s3"
    rules: ClassVar[Rules] = replaced_by("bucket", "expectedBucketOwner")
    # As in put_bucket_policy.
    noun: ClassVar[str]
    # The parameter of that call, and the field of what `get_` answers if it has one.
    parameter: ClassVar[str]
    field: ClassVar[str | None] = None
    # The inputs that it is made of.
    inputs: ClassVar[tuple[str, ...]]

    def create(self, name: str, inputs: Properties) -> Made:
        return Made(inputs["bucket"], self.update(inputs["bucket"], {}, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        answer = getattr(self.client(state), f"get_{self.noun}")(Bucket=id)
        found = self.given(answer[self.field] if self.field else answer)
        for name in self.inputs:
            if name in found and not covers(found[name], state.get(name)):
                state = {**state, name: found[name]}
        return state

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        wanted = {self.parameter: self.wanted(inputs)}
        getattr(self.client(inputs), f"put_{self.noun}")(Bucket=id, **wanted)
        return {**inputs, "region": self.region(inputs)}

    def delete(self, id: str, state: Properties) -> None:
        getattr(self.client(state), f"delete_{self.noun}")(Bucket=id)

    def wanted(self, inputs: Properties) -> Any:
        return to_api({name: inputs[name] for name in self.inputs if name in inputs})

    def given(self, found: Any) -> Properties:
        return from_api(found)


class BucketVersioning(BucketPart):
    noun, parameter = "bucket_versioning", "VersioningConfiguration"
    inputs = ("versioningConfiguration",)

    def wanted(self, inputs: Properties) -> Any:
        return to_api(inputs["versioningConfiguration"])

    def given(self, found: Any) -> Properties:
        status = {"status": found.get("Status", "Disabled")}
        return {"versioningConfiguration": status}

    def delete(self, id: str, state: Properties) -> None:
        # Once on, it can only be suspended.
        suspended = {"versioningConfiguration": {"status": "Suspended"}}
        self.update(id, state, {**state, **suspended})


class BucketEncryption(BucketPart):
    noun, parameter = "bucket_encryption", "ServerSideEncryptionConfiguration"
    field = parameter
    inputs = ("rules",)


class BucketPublicAccessBlock(BucketPart):
    noun, parameter = "public_access_block", "PublicAccessBlockConfiguration"
    field = parameter
    inputs = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketLifecycle(BucketPart):
    noun, parameter = "bucket_lifecycle_configuration", "LifecycleConfiguration"
    inputs = ("rules",)

    def delete(self, id: str, state: Properties) -> None:
        self.client(state).delete_bucket_lifecycle(Bucket=id)


class BucketOwnership(BucketPart):
    noun, parameter = "bucket_ownership_controls", "OwnershipControls"
    field = parameter
    inputs = ("rule",)

    def wanted(self, inputs: Properties) -> Any:
        return {"Rules": [to_api(inputs["rule"])]}

    def given(self, found: Any) -> Properties:
        return {"rule": from_api(found["Rules"][0])}


class BucketPolicy(BucketPart):
    noun, parameter = "bucket_policy", "Policy"
    field = parameter
    inputs = ("policy",)

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.client(state).get_bucket_policy(Bucket=id)["Policy"]
        # A service may write the same document another way.
        same = json.loads(found) == json.loads(state["policy"])
        return state if same else {**state, "policy": found}

    def wanted(self, inputs: Properties) -> Any:
        return inputs["policy"]
