"""What baking and verifying need of EC2, and no more, and what removes anything.

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
    copied,
    in_home_region,
    marked,
    marked_if_at_all,
    only_tags,
    owned,
    unowned,
)
from images.tags import BAKE, EXPIRES, RECORD, RELEASE, RUN_OWNER, VERIFICATION


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
    """Tags decide what the role may touch, so it must not tag its way to anything.

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
        # public already is nobody's to take; of a snapshot that an AMI has, EC2 deletes nothing.
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
            copied(),
        ),
        allow(
            "SayThatABakeIsFinished",
            ["ec2:DeleteTags"],
            [IMAGES],
            in_home_region(scope),
            owned(scope),
            only_tags(RUN_OWNER, EXPIRES),
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
        # A run that was interrupted has not marked the copy's snapshot yet. This allows no more
        # than marking it first.
        allow(
            "RemoveSnapshotsOfFreshCopies", ["ec2:DeleteSnapshot"], [SNAPSHOTS], unowned(), copied()
        ),
    ]
