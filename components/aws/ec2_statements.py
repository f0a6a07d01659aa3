"""What baking, verifying and publishing need of EC2, and no more.

Which action looks at which resource and knows which condition is said by the "Service
Authorization Reference", "Amazon EC2"; what Packer calls, by the steps of amazon-ebs in
packer-plugin-amazon. The list in that plugin's documentation is for all of its builders, hence
longer.
"""

from components.aws.statements import (
    IMAGES,
    SNAPSHOTS,
    Scope,
    Statement,
    allow,
    in_home_region,
    marked,
    marked_if_at_all,
    only_tags,
    owned,
    unowned,
)
from images.tags import BAKE, DRIVER, EXPIRES, RECORD, RELEASE, VERIFICATION


def run(scope: Scope, subnet: str) -> list[Statement]:
    """A machine in the home region. RunInstances is judged once for each resource that it touches.

    What comes into being must be marked as the stack's in the same call. What it is put into is
    the stack's subnet, with a group and a key of the run or of the configuration: in an account
    with other networks, no machine gets into those.
    """
    given = [f"subnet/{subnet}"]
    given += [f"security-group/{scope.security_group}"] if scope.security_group else []
    given += [f"key-pair/{scope.key_pair}"] if scope.key_pair else []
    at_home = in_home_region(scope)
    return [
        allow(
            "RunMachinesMarkedAsTheStacks",
            ["ec2:RunInstances"],
            scope.at_home("instance/*", "network-interface/*", "volume/*"),
            at_home,
            marked(scope),
        ),
        allow("RunMachinesFromImages", ["ec2:RunInstances"], [IMAGES, SNAPSHOTS], at_home),
        allow("RunMachinesInThisPlaceOnly", ["ec2:RunInstances"], scope.at_home(*given), at_home),
        allow(
            "RunMachinesWithGroupAndKeyOfTheRun",
            ["ec2:RunInstances"],
            scope.at_home("key-pair/*", "security-group/*"),
            at_home,
            owned(scope),
        ),
        allow(
            "MakeGroupAndKeyOfTheRun",
            ["ec2:CreateKeyPair", "ec2:CreateSecurityGroup"],
            scope.at_home("key-pair/*", "security-group/*"),
            at_home,
            marked(scope),
        ),
        allow("MakeGroupInNetwork", ["ec2:CreateSecurityGroup"], scope.at_home("vpc/*"), at_home),
    ]


def capture(scope: Scope) -> list[Statement]:
    """An AMI of the stack's machine, and copies of AMIs.

    CopyImage is judged for its source as well, which the request does not tag ("Grant permissions
    to copy Amazon EC2 AMIs", Amazon EC2 User Guide); hence "if exists". A copy without the stack's
    mark is of no use to it: it can be neither changed nor published nor removed.
    """
    return [
        allow(
            "CaptureMachinesOfTheStack",
            ["ec2:CreateImage"],
            scope.at_home("instance/*"),
            in_home_region(scope),
            owned(scope),
        ),
        allow(
            "CaptureIntoImagesMarkedAsTheStacks",
            ["ec2:CreateImage"],
            [IMAGES, SNAPSHOTS],
            in_home_region(scope),
            marked(scope),
        ),
        allow(
            "CopyImagesButNotInAnothersName",
            ["ec2:CopyImage"],
            [IMAGES, SNAPSHOTS],
            marked_if_at_all(scope),
        ),
    ]


def tag(scope: Scope) -> list[Statement]:
    """Tags decide what the role may touch, so that it must not tag its way to anything.

    It tags what it is just making, and images that are the stack's already, never as another's.
    Of these it takes off what says that a run is at work on them. Content belongs to all stacks of
    an account: to a finished bake of another one it may add that it was verified, and no more.
    """
    return [
        allow(
            "TagWhileMaking",
            ["ec2:CreateTags"],
            [
                *scope.at_home(
                    "instance/*",
                    "key-pair/*",
                    "network-interface/*",
                    "security-group/*",
                    "volume/*",
                ),
                IMAGES,
                SNAPSHOTS,
            ],
            marked(scope),
            {
                "StringEquals": {
                    "ec2:CreateAction": [
                        "CopyImage",
                        "CreateImage",
                        "CreateKeyPair",
                        "CreateSecurityGroup",
                        "RunInstances",
                    ]
                }
            },
        ),
        allow(
            "TagImagesOfTheStack",
            ["ec2:CreateTags"],
            [IMAGES, SNAPSHOTS],
            owned(scope),
            marked_if_at_all(scope),
        ),
        # The provider of Pulumi tags a copy only when it is there, and never its snapshots. What is
        # public already is nobody's to take, and of snapshots only copies have this parent
        # ("Copy an Amazon EBS snapshot", Amazon EBS User Guide); EC2 deletes none of an AMI's.
        allow(
            "MarkFreshCopies",
            ["ec2:CreateTags"],
            [IMAGES],
            marked(scope),
            unowned(),
            {"Bool": {"ec2:Public": "false"}},
        ),
        allow(
            "MarkSnapshotsOfFreshCopies",
            ["ec2:CreateTags"],
            [SNAPSHOTS],
            marked(scope),
            unowned(),
            {"ArnLike": {"ec2:ParentVolume": "arn:aws:ec2:*:*:volume/vol-ffffffff"}},
        ),
        allow(
            "SayThatABakeIsFinished",
            ["ec2:DeleteTags"],
            [IMAGES],
            in_home_region(scope),
            owned(scope),
            only_tags(DRIVER, EXPIRES),
        ),
        allow(
            "SayThatContentOfAnyStackIsVerified",
            ["ec2:CreateTags", "ec2:DeleteTags"],
            [IMAGES],
            in_home_region(scope),
            only_tags(f"{VERIFICATION}-*"),
            {"StringLike": {f"aws:ResourceTag/{BAKE}": "dstack-bake-*"}},
            {
                "Null": {
                    f"aws:ResourceTag/{RECORD}-0": "false",
                    f"aws:ResourceTag/{RELEASE}": "true",
                }
            },
        ),
    ]


def remove(scope: Scope) -> list[Statement]:
    """A run's machine and what belongs to it, of this run or of a dead one; the stack's images."""
    return [
        allow(
            "UseAndEndMachinesOfTheStack",
            [
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:DeleteKeyPair",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteVolume",
                "ec2:ModifyInstanceAttribute",
                "ec2:StopInstances",
                "ec2:TerminateInstances",
            ],
            scope.at_home("instance/*", "key-pair/*", "security-group/*", "volume/*"),
            in_home_region(scope),
            owned(scope),
        ),
        allow(
            "RemoveImagesOfTheStack",
            ["ec2:DeleteSnapshot", "ec2:DeregisterImage"],
            [IMAGES, SNAPSHOTS],
            owned(scope),
        ),
    ]


def publish(scope: Scope) -> list[Statement]:
    """Who may launch an AMI is an attribute of it, and one that no condition can look into, but a
    request changes one attribute only, and conditions know the other two ("Identity-based policies
    for Amazon EC2", `ec2:Attribute`; "ModifyImageAttribute", Amazon EC2 API Reference).

    So a private stack may change just these two, and a public one all, of its releases: content
    stays private there too.
    """
    statements = [
        allow(
            "DeprecateImagesOfTheStack",
            ["ec2:DisableImageDeprecation", "ec2:EnableImageDeprecation"],
            [IMAGES],
            owned(scope),
        ),
        allow(
            "DescribeImagesOfTheStackInWords",
            ["ec2:ModifyImageAttribute"],
            [IMAGES],
            owned(scope),
            {"Null": {"ec2:Attribute/Description": "false"}},
        ),
        allow(
            "RequireTokensForMetadataInImagesOfTheStack",
            ["ec2:ModifyImageAttribute"],
            [IMAGES],
            owned(scope),
            {"StringEquals": {"ec2:Attribute/ImdsSupport": "v2.0"}},
        ),
    ]
    if not scope.public:
        return statements
    return [
        *statements,
        allow(
            "LetAnyoneLaunchReleasesOfTheStack",
            ["ec2:ModifyImageAttribute"],
            [IMAGES],
            owned(scope),
            {"Null": {f"aws:ResourceTag/{RELEASE}": "false"}},
        ),
    ]
