"""The simulated AWS as the simulator asks for it."""

import secrets
from collections.abc import Iterable
from dataclasses import replace

from tests.simulators.aws.provider import (
    bucket_parts,
    buckets,
    firewall,
    identity,
    images,
    network,
    parameters,
    tags,
)
from tests.simulators.aws.provider.account import Account, refusals
from tests.simulators.aws.provider.model import AwsModel, Guarded
from tests.simulators.pulumi import sdk
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.values import UNKNOWN, Properties, reveal

# All that moto knows well enough; the store keeps the rest.
MODELS: dict[str, type[AwsModel]] = {
    "aws:ec2/amiCopy:AmiCopy": images.AmiCopy,
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": images.AmiLaunchPermission,
    "aws:ec2/internetGateway:InternetGateway": network.InternetGateway,
    "aws:ec2/routeTable:RouteTable": network.RouteTable,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": network.RouteTableAssociation,
    "aws:ec2/securityGroup:SecurityGroup": firewall.SecurityGroup,
    "aws:ec2/subnet:Subnet": network.Subnet,
    "aws:ec2/tag:Tag": tags.Tag,
    "aws:ec2/vpc:Vpc": network.Vpc,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": identity.OpenIdConnectProvider,
    "aws:iam/role:Role": identity.Role,
    "aws:iam/rolePolicy:RolePolicy": identity.RolePolicy,
    "aws:s3/bucket:Bucket": buckets.Bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        bucket_parts.BucketLifecycle
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucket_parts.BucketOwnership,
    "aws:s3/bucketPolicy:BucketPolicy": bucket_parts.BucketPolicy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucket_parts.BucketPublicAccessBlock,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        bucket_parts.BucketEncryption
    ),
    "aws:s3/bucketVersioning:BucketVersioning": bucket_parts.BucketVersioning,
    "aws:ssm/parameter:Parameter": parameters.Parameter,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": firewall.EgressRule,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": firewall.IngressRule,
}
# A setting that a region has once: the region is its ID.
SETTINGS_OF_A_REGION = frozenset(
    {
        "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
    }
)


class Aws(Cloud):
    def __init__(self) -> None:
        super().__init__("aws")
        self.account = Account()

    def refusals(self, config: Properties) -> Iterable[str]:
        return self.account.refusals(config)

    def configure(self, config: Properties) -> None:
        super().configure(config)
        self.account.configure(config)

    def model(self, kind: str) -> Model | None:
        return Guarded(MODELS[kind](self.account)) if kind in MODELS else None

    def rules(self, kind: str) -> Rules:
        own = MODELS[kind].rules if kind in MODELS else Rules()
        return replace(
            own,
            replaced_by=own.replaced_by | {"region"},
            computed=own.computed | {"region"},
        )

    def completed(self, kind: str, inputs: Properties) -> Properties:
        """The provider's default tags are among a resource's `tagsAll`."""
        shape, own = sdk.resource(kind), reveal(inputs.get("tags", {}))
        if not self.account.default_tags or shape is None or "tags" not in shape.types:
            return inputs
        return {
            **inputs,
            "tagsAll": UNKNOWN if own == UNKNOWN else {**self.account.default_tags, **own},
        }

    def identify(self, kind: str, name: str, inputs: Properties) -> str:
        if kind in SETTINGS_OF_A_REGION:
            return self._region(inputs)
        return f"{name}-{secrets.token_hex(4)}"

    def is_setting(self, kind: str) -> bool:
        return kind in SETTINGS_OF_A_REGION

    def computed(self, kind: str, id: str, inputs: Properties) -> Properties:
        _, module, _ = kind.split(":")
        service, _, noun = module.partition("/")
        region, account = self._region(inputs), self.account.number
        return {
            "arn": f"arn:aws:{service}:{region}:{account}:{noun}/{id}",
            "region": region,
            "tagsAll": inputs.get("tags", {}),
        }

    def invoke(self, token: str, args: Properties) -> Properties:
        with refusals():
            match token:
                case "aws:index/getCallerIdentity:getCallerIdentity":
                    found = self.account.client("sts").get_caller_identity()
                    number = found["Account"]
                    return {
                        "accountId": number,
                        "arn": found["Arn"],
                        "id": number,
                        "userId": found["UserId"],
                    }
                case "aws:index/getRegion:getRegion":
                    region = self._region(args)
                    return {
                        "id": region,
                        "name": region,
                        "region": region,
                        "endpoint": f"ec2.{region}.amazonaws.com",
                        "description": region,
                    }
                case "aws:index/getPartition:getPartition":
                    return {
                        "id": "aws",
                        "partition": "aws",
                        "dnsSuffix": "amazonaws.com",
                        "reverseDnsPrefix": "com.amazonaws",
                    }
                case _:
                    return super().invoke(token, args)

    def _region(self, properties: Properties) -> str:
        return properties.get("region") or self.account.region


CLOUD = Aws()
