"""Who may do what in AWS, as IAM's documents. Without Pulumi: tests judge what IAM is given."""

from collections.abc import Sequence

from components.aws import ec2_statements, publish_statements
from components.aws.statements import Document, Scope, Statement, allow

#: The issuer of GitHub's tokens, as IAM names the provider.
GITHUB = "token.actions.githubusercontent.com"
#: Whom GitHub's token is for.
STS = "sts.amazonaws.com"

#: Where in the bucket what is kept.
RECORDS, PACKAGES, LOGS = "records", "packages", "logs"


def trust(provider: str, subjects: Sequence[str]) -> Document:
    """Only jobs of one environment of one repository, whose rules are GitHub's to enforce.

    Compared as a whole: with a pattern, a pull request or another environment gets in ("Create a
    role for OpenID Connect federation", AWS IAM User Guide). Several values mean any of them.
    """
    return _document(
        {
            "Sid": "GithubEnvironment",
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": ["sts:AssumeRoleWithWebIdentity"],
            "Condition": {
                "StringEquals": {
                    f"{GITHUB}:sub": list(subjects),
                    f"{GITHUB}:aud": STS,
                }
            },
        }
    )


def over_tls_only(bucket: str) -> Document:
    """Return the policy of a bucket: nothing goes in or out in the clear."""
    return _document(
        {
            "Sid": "OverTlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def permissions(scope: Scope, subnet: str) -> Document:
    """Return the policy of the role that bakes, verifies and publishes.

    It uses the prerequisites and makes none: nothing of IAM, networks or buckets is here.
    """
    return _document(
        _stay(scope),
        *_look(scope),
        *ec2_statements.run(scope, subnet),
        *ec2_statements.capture(scope),
        *ec2_statements.tag(scope),
        *ec2_statements.remove(scope),
        *publish_statements.publish(scope),
        *_keep(scope),
    )


def _stay(scope: Scope) -> Statement:
    """Said once, as a denial: an inline policy has room for 10240 characters ("IAM and AWS STS
    quotas", AWS IAM User Guide), too few for every region in every statement.
    """
    regions = sorted({scope.home_region, *scope.regions})
    return {
        "Sid": "StayInTheStacksRegions",
        "Effect": "Deny",
        "Action": ["ec2:*", "servicequotas:*", "ssm:*"],
        "Resource": ["*"],
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": regions}},
    }


def _look(scope: Scope) -> list[Statement]:
    """EC2 limits reading to no resources and no tags."""
    return [
        allow(
            "SeeMachinesAndImages",
            [
                "ec2:DescribeImageAttribute",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstances",
                "ec2:DescribeKeyPairs",
                "ec2:DescribeRegions",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSnapshots",
                "ec2:DescribeSubnets",
                "ec2:DescribeTags",
                "ec2:DescribeVolumes",
                "ec2:GetEbsEncryptionByDefault",
                "ec2:GetImageBlockPublicAccessState",
            ],
            ["*"],
        ),
        allow(
            "SeeHowManyImagesMayBePublic",
            ["servicequotas:GetServiceQuota"],
            [f"arn:aws:servicequotas:*:{scope.account}:ec2/*"],
        ),
    ]


def _keep(scope: Scope) -> list[Statement]:
    """Records in the stack's bucket; parameters, where configured, that name the current images.

    Pulumi reads a parameter's tags and description back, the latter from the list of all.
    """
    bucket = f"arn:aws:s3:::{scope.bucket}"
    records = [
        allow(
            "KeepRecords",
            ["s3:GetObject", "s3:PutObject"],
            [f"{bucket}/{folder}/*" for folder in (RECORDS, PACKAGES, LOGS)],
        ),
        allow("FindRecords", ["s3:ListBucket"], [bucket]),
    ]
    if scope.parameters is None:
        return records
    return [
        *records,
        allow(
            "NameCurrentImages",
            [
                "ssm:AddTagsToResource",
                "ssm:DeleteParameter",
                "ssm:GetParameter",
                "ssm:ListTagsForResource",
                "ssm:PutParameter",
            ],
            [f"arn:aws:ssm:*:{scope.account}:parameter{scope.parameters}/*"],
        ),
        allow("ListParameters", ["ssm:DescribeParameters"], ["*"]),
    ]


def _document(*statements: Statement) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
