"""One of each type that moto backs, and one that it does not."""

import json

import pulumi
import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags={"a": "b"})
subnet = aws.ec2.Subnet(
    "subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True
)
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
table = aws.ec2.RouteTable(
    "table", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}]
)
aws.ec2.RouteTableAssociation("table", subnet_id=subnet.id, route_table_id=table.id)
everything = aws.ec2.SecurityGroupEgressArgs(
    protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"]
)
ssh = aws.ec2.SecurityGroupIngressArgs(
    protocol="tcp", from_port=22, to_port=22, cidr_blocks=["203.0.113.0/24"]
)
aws.ec2.SecurityGroup("inline", vpc_id=vpc.id, ingress=[ssh], egress=[everything])
group = aws.ec2.SecurityGroup("bare", vpc_id=vpc.id)
aws.vpc.SecurityGroupEgressRule(
    "out", security_group_id=group.id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0"
)
aws.vpc.SecurityGroupIngressRule(
    "in",
    security_group_id=group.id,
    ip_protocol="tcp",
    from_port=22,
    to_port=22,
    cidr_ipv4="203.0.113.0/24",
)
aws.ec2.Tag("tag", resource_id=subnet.id, key="Owner", value="dstack")

bucket = aws.s3.Bucket("bucket", tags={"a": "b"}, force_destroy=True)
aws.s3.BucketVersioning(
    "versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
)
aws.s3.BucketServerSideEncryptionConfiguration(
    "encryption",
    bucket=bucket.id,
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
)
aws.s3.BucketPublicAccessBlock(
    "access", bucket=bucket.id, block_public_acls=True, block_public_policy=True
)
aws.s3.BucketLifecycleConfiguration(
    "lifecycle",
    bucket=bucket.id,
    rules=[{"id": "old", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 7}}],
)
aws.s3.BucketOwnershipControls(
    "ownership", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}
)
statement = {
    "Effect": "Allow",
    "Principal": {"AWS": "210987654321"},
    "Action": "s3:GetObject",
    "Resource": "*",
}
aws.s3.BucketPolicy(
    "policy",
    bucket=bucket.id,
    policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
)

github = aws.iam.OpenIdConnectProvider(
    "github",
    url="https://token.actions.githubusercontent.com",
    client_id_lists=["sts.amazonaws.com"],
)
trust = {
    "Effect": "Allow",
    "Principal": {"Federated": github.arn},
    "Action": "sts:AssumeRoleWithWebIdentity",
}
role = aws.iam.Role(
    "role",
    assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
)
allowed = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
aws.iam.RolePolicy(
    "role",
    role=role.name,
    policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
)
aws.ssm.Parameter("parameter", name="/dstack/image", type="String", value=subnet.id)

copy = aws.ec2.AmiCopy(
    "copy",
    source_ami_id="ami-0240400000000002b",
    source_ami_region="us-east-1",
    region="eu-west-1",
)
aws.ec2.AmiLaunchPermission(
    "public", image_id=copy.id, account_id="210987654321", region="eu-west-1"
)
# What moto does not know.
aws.ec2.ImageBlockPublicAccess("changed", state="unblocked")
aws.ec2.ImageBlockPublicAccess("gone", state="unblocked", region="eu-west-1")
