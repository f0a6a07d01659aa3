"""What the role may do, and above all what it may not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.aws.policies import permissions, trust
from components.aws.statements import Scope
from config.aws import REGIONS
from config.fields import Github
from images.tags import BAKE, EXPIRES, RECORD, RELEASE, RUN_OWNER, STACK
from tests.simulators.aws.policy_evaluator import allowed
from tests.unit.aws_requests import (
    ABROAD,
    ACCOUNT,
    AWAY,
    BUCKET,
    CONTENT,
    HOME,
    OLD_RELEASE,
    OTHERS_CONTENT,
    OTHERS_RELEASE,
    PREFIX,
    RELEASED,
    RUN,
    SUBNET,
    VERIFIED,
    Request,
    ask,
    bucket,
    image,
    machine_part,
    parameter,
    run,
    snapshot,
    volume,
)

pytestmark = pytest.mark.unit

PRIVATE = Scope(
    stack="staging",
    account=ACCOUNT,
    home_region=HOME,
    regions=[HOME, AWAY],
    bucket=BUCKET,
    public=False,
    parameters=PREFIX,
)
PUBLIC = replace(PRIVATE, public=True)
BOTH = pytest.mark.parametrize("scope", [PRIVATE, PUBLIC], ids=["private", "public"])

READ = [
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
]


def made_by(action: str, *resources: str, region: str = HOME) -> list[Request]:
    """A call that makes these and tags them in the same breath."""
    return [
        request
        for resource in resources
        for request in (
            ask(f"ec2:{action}", resource, region=region, gets=RUN),
            ask("ec2:CreateTags", resource, region=region, gets=RUN, CreateAction=action),
        )
    ]


#: All that baking, verifying and publishing ask for.
NEEDED: dict[str, list[Request]] = {
    "look around at home": [ask(action) for action in READ],
    "look around where it publishes": [ask(action, region=AWAY) for action in READ],
    "look whether a release is public": [
        ask("ec2:DescribeImageAttribute", image(AWAY), region=AWAY, has=RELEASED)
    ],
    "read the quota of public images": [
        ask("servicequotas:GetServiceQuota", f"arn:aws:servicequotas:{AWAY}:{ACCOUNT}:ec2/L-1")
    ],
    "make a key pair": made_by("CreateKeyPair", machine_part("key-pair")),
    "make a security group": [
        *made_by("CreateSecurityGroup", machine_part("security-group")),
        ask("ec2:CreateSecurityGroup", machine_part("vpc")),
    ],
    "open it to the driver": [
        ask("ec2:AuthorizeSecurityGroupIngress", machine_part("security-group"), has=RUN)
    ],
    "run a machine": [
        *run(),
        *(
            ask("ec2:CreateTags", machine_part(kind), gets=RUN, CreateAction="RunInstances")
            for kind in ("instance", "network-interface", "volume")
        ),
    ],
    "stop it": [ask("ec2:StopInstances", machine_part("instance"), has=RUN)],
    "make an image of it": [
        ask("ec2:CreateImage", machine_part("instance"), has=RUN),
        *made_by("CreateImage", image(), snapshot()),
    ],
    "describe the image": [
        ask("ec2:ModifyImageAttribute", image(), has=RUN, Attribute__Description="dstack")
    ],
    "let the image insist on tokens for metadata": [
        ask("ec2:ModifyImageAttribute", image(), has=RUN, Attribute__ImdsSupport="v2.0")
    ],
    "tag image and snapshot once more": [
        ask("ec2:CreateTags", resource, has=RUN, gets={**RUN, **CONTENT})
        for resource in (image(), snapshot())
    ],
    "mark a copy that is just made": [
        ask("ec2:CreateTags", image(AWAY), region=AWAY, gets=RELEASED, Public="false")
    ],
    "mark its snapshot": [
        ask(
            "ec2:CreateTags",
            snapshot(AWAY),
            region=AWAY,
            gets={STACK: "staging"},
            ParentVolume=volume("vol-ffffffff", AWAY),
        )
    ],
    "add the record": [ask("ec2:CreateTags", image(), has=RUN, gets={f"{RECORD}-0": "1:eJw="})],
    "say that nobody is at work on it any more": [
        ask("ec2:DeleteTags", image(), has=RUN, gets={RUN_OWNER: "", EXPIRES: ""})
    ],
    "terminate the machine": [ask("ec2:TerminateInstances", machine_part("instance"), has=RUN)],
    "remove what belonged to it": [
        ask("ec2:DeleteKeyPair", machine_part("key-pair"), has=RUN),
        ask("ec2:DeleteSecurityGroup", machine_part("security-group"), has=RUN),
        ask("ec2:DeleteVolume", machine_part("volume"), has=RUN),
    ],
    "keep record, packages and log": [
        ask("s3:PutObject", bucket(f"{folder}/{RUN[BAKE]}.json"))
        for folder in ("records", "packages", "logs")
    ],
    "read records back": [
        ask("s3:ListBucket", bucket()),
        ask("s3:GetObject", bucket("records/x.json")),
    ],
    "say that another stack's content is verified": [
        ask(f"ec2:{verb}Tags", image(), has=OTHERS_CONTENT, gets=VERIFIED)
        for verb in ("Create", "Delete")
    ],
    "copy content, its own or another stack's, into a region": [
        ask("ec2:CopyImage", image(HOME), region=AWAY, has=OTHERS_CONTENT),
        ask("ec2:CopyImage", snapshot(HOME), region=AWAY),
        *made_by("CopyImage", image(AWAY), snapshot(AWAY), region=AWAY),
    ],
    "copy it under a name at home": made_by("CopyImage", image(), snapshot()),
    "deprecate a release, and take it back": [
        ask(f"ec2:{verb}ImageDeprecation", image(AWAY), region=AWAY, has=RELEASED)
        for verb in ("Enable", "Disable")
    ],
    "describe a release": [
        ask(
            "ec2:ModifyImageAttribute",
            image(AWAY),
            region=AWAY,
            has=RELEASED,
            Attribute__Description="0.14",
        )
    ],
    "name the release in a parameter": [
        ask(f"ssm:{action}", parameter(f"{PREFIX}/dstack-0.14", AWAY), region=AWAY)
        for action in (
            "AddTagsToResource",
            "DeleteParameter",
            "GetParameter",
            "ListTagsForResource",
            "PutParameter",
        )
    ]
    + [ask("ssm:DescribeParameters", region=AWAY)],
    "remove a release": [
        ask("ec2:DeregisterImage", image(AWAY), region=AWAY, has=RELEASED),
        ask("ec2:DeleteSnapshot", snapshot(AWAY), region=AWAY, has=RELEASED),
    ],
    "remove a copy that was never completed": [
        ask("ec2:DeregisterImage", image(AWAY), region=AWAY, has=RELEASED),
        *(
            ask("ec2:DeleteSnapshot", snapshot(AWAY), region=AWAY, ParentVolume=volume(id, AWAY))
            for id in ("vol-ffffffff", "vol-ffff")
        ),
    ],
    "remove content": [
        ask("ec2:DeregisterImage", image(), has=CONTENT),
        ask("ec2:DeleteSnapshot", snapshot(), has=CONTENT),
    ],
}
SHARE = ask("ec2:ModifyImageAttribute", image(AWAY), region=AWAY, has=RELEASED)


def documents(scope: Scope) -> Any:
    return permissions(scope, SUBNET)


@BOTH
@pytest.mark.parametrize("work", NEEDED)
def test_its_work_can_be_done(scope: Scope, work: str) -> None:
    refused = [request for request in NEEDED[work] if not request.passes(documents(scope))]
    assert refused == []


def test_public_stack_can_publish() -> None:
    assert SHARE.passes(documents(PUBLIC))


@BOTH
def test_nothing_is_granted_that_no_work_needs(scope: Scope) -> None:
    granted = {
        action
        for statement in documents(scope)["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    assert granted == {request.action for requests in NEEDED.values() for request in requests}
    assert not any("*" in action for action in granted)


def test_configured_group_and_key_pair_can_be_used_and_not_changed() -> None:
    scope = replace(PRIVATE, security_group="sg-9", key_pair="tunnel")
    group = f"arn:aws:ec2:{HOME}:{ACCOUNT}:security-group/sg-9"
    key = f"arn:aws:ec2:{HOME}:{ACCOUNT}:key-pair/tunnel"
    for resource in (group, key):
        assert ask("ec2:RunInstances", resource).passes(documents(scope))
        assert not ask("ec2:RunInstances", resource).passes(documents(PRIVATE))
    assert not ask("ec2:AuthorizeSecurityGroupIngress", group).passes(documents(scope))
    assert not ask("ec2:DeleteSecurityGroup", group).passes(documents(scope))
    assert not ask("ec2:DeleteKeyPair", key).passes(documents(scope))


#: What changes, ends or removes something, and what it does that to.
CHANGES = {
    "ec2:AuthorizeSecurityGroupIngress": machine_part("security-group"),
    "ec2:CreateImage": machine_part("instance"),
    "ec2:CreateTags": image(),
    "ec2:DeleteKeyPair": machine_part("key-pair"),
    "ec2:DeleteSecurityGroup": machine_part("security-group"),
    "ec2:DeleteSnapshot": snapshot(),
    "ec2:DeleteTags": image(),
    "ec2:DeleteVolume": machine_part("volume"),
    "ec2:DeregisterImage": image(),
    "ec2:DisableImageDeprecation": image(),
    "ec2:EnableImageDeprecation": image(),
    "ec2:ModifyImageAttribute": image(),
    "ec2:StopInstances": machine_part("instance"),
    "ec2:TerminateInstances": machine_part("instance"),
}
OTHERS = {
    "nobody's": {},
    "of a server": {"Name": "web"},
    "another stack's run": {**RUN, STACK: "prod"},
    "another stack's content": OTHERS_CONTENT,
    "another stack's release": OTHERS_RELEASE,
    "old release": OLD_RELEASE,
    "old release with a version": {RELEASE: "0.10"},
}


@BOTH
@pytest.mark.parametrize("whose", OTHERS)
@pytest.mark.parametrize("action", CHANGES)
def test_what_is_not_the_stacks_stays_as_it_is(scope: Scope, action: str, whose: str) -> None:
    takeover = {STACK: "staging"} if action.endswith("Tags") else {}
    for attribute in ({}, {"Attribute__Description": "x"}, {"Attribute__ImdsSupport": "v2.0"}):
        request = ask(action, CHANGES[action], has=OTHERS[whose], gets=takeover, **attribute)
        assert not request.passes(documents(scope))


#: More that nobody may do with the role, whether the stack is public or not.
REFUSED: dict[str, Request] = {
    "take over a machine by a tag": ask(
        "ec2:CreateTags", machine_part("instance"), gets={STACK: "staging"}
    ),
    "take over a public image by a tag": ask(
        "ec2:CreateTags", image(), has=OLD_RELEASE, gets={STACK: "staging"}, Public="true"
    ),
    "take over another stack's copy by a tag": ask(
        "ec2:CreateTags", image(), has=OTHERS_RELEASE, gets={STACK: "staging"}, Public="false"
    ),
    "take over a snapshot by a tag": ask(
        "ec2:CreateTags",
        snapshot(),
        gets={STACK: "staging"},
        ParentVolume=volume("vol-0123456789abcdef0"),
    ),
    "remove a snapshot that is no copy": ask(
        "ec2:DeleteSnapshot", snapshot(), ParentVolume=volume("vol-0123456789abcdef0")
    ),
    "remove another stack's copied snapshot": ask(
        "ec2:DeleteSnapshot", snapshot(), has=OTHERS_RELEASE, ParentVolume=volume("vol-ffffffff")
    ),
    "take the mark off a snapshot": ask(
        "ec2:DeleteTags", snapshot(), has=RELEASED, gets={STACK: "staging"}
    ),
    "pass for a machine while tagging": ask(
        "ec2:CreateTags", machine_part("instance"), gets=RUN, CreateAction="CreateVolume"
    ),
    "mark a new machine as another stack's": ask(
        "ec2:CreateTags",
        machine_part("instance"),
        gets={**RUN, STACK: "prod"},
        CreateAction="RunInstances",
    ),
    "tag a new machine without its mark": ask(
        "ec2:CreateTags",
        machine_part("instance"),
        gets={"Name": "web"},
        CreateAction="RunInstances",
    ),
    "tag its machine later": ask(
        "ec2:CreateTags", machine_part("instance"), has=RUN, gets={EXPIRES: "1990000000"}
    ),
    "make something without its mark": ask("ec2:CreateKeyPair", machine_part("key-pair")),
    "make an image that is not at home": ask("ec2:CreateImage", image(AWAY), region=AWAY, gets=RUN),
    "make an image in another stack's name": ask("ec2:CreateImage", image(), gets=OTHERS_CONTENT),
    "copy an image in another stack's name": ask("ec2:CopyImage", image(), gets=OTHERS_RELEASE),
    "hand an image over to another stack": ask(
        "ec2:CreateTags", image(), has=RELEASED, gets={STACK: "prod"}
    ),
    "forge the record of another stack's content": ask(
        "ec2:CreateTags", image(), has=OTHERS_CONTENT, gets={f"{RECORD}-0": "x"}
    ),
    "forge it beside a verification": ask(
        "ec2:CreateTags", image(), has=OTHERS_CONTENT, gets={**VERIFIED, f"{RECORD}-0": "x"}
    ),
    "say that another stack's run is over": ask(
        "ec2:DeleteTags",
        image(),
        has={**RUN, STACK: "prod"},
        gets={RUN_OWNER: "", EXPIRES: ""},
    ),
    "verify what is no content": ask(
        "ec2:CreateTags", image(), has={f"{RECORD}-0": "1:eJw="}, gets=VERIFIED
    ),
    "verify what is not at home": ask(
        "ec2:CreateTags", image(AWAY), region=AWAY, has=OTHERS_CONTENT, gets=VERIFIED
    ),
    "take all tags off its own image": ask("ec2:DeleteTags", image(), has=RUN),
    "take all tags off another stack's content": ask("ec2:DeleteTags", image(), has=OTHERS_CONTENT),
    "verify what another stack has not finished": ask(
        "ec2:CreateTags", image(), has={**RUN, STACK: "prod"}, gets=VERIFIED
    ),
    "verify what another stack has released": ask(
        "ec2:CreateTags",
        image(),
        has={**OTHERS_RELEASE, f"{RECORD}-0": "1:eJw="},
        gets=VERIFIED,
    ),
    "take its own mark off": ask("ec2:DeleteTags", image(), has=RELEASED, gets={STACK: "staging"}),
    "make content public": ask("ec2:ModifyImageAttribute", image(), has=CONTENT),
    "hand out snapshots": ask("ec2:ModifySnapshotAttribute", snapshot(), has=RELEASED),
    "let any image of the account be public": ask("ec2:DisableImageBlockPublicAccess"),
    "look around abroad": ask("ec2:DescribeInstances", region=ABROAD),
    "copy abroad": ask("ec2:CopyImage", image(ABROAD), region=ABROAD, gets=RUN),
    "remove its own abroad": ask("ec2:DeregisterImage", image(ABROAD), region=ABROAD, has=RELEASED),
    "list another bucket": ask("s3:ListBucket", bucket(name="dstack-images-prod-123456789012")),
    "read another bucket": ask("s3:GetObject", bucket("records/x", "secrets")),
    "write another bucket": ask(
        "s3:PutObject", bucket("records/x", "dstack-images-prod-123456789012")
    ),
    "write beside the folders": ask("s3:PutObject", bucket("index.html")),
    "remove records": ask("s3:DeleteObject", bucket("records/x.json")),
    "remove the bucket": ask("s3:DeleteBucket", bucket()),
    "open the bucket": ask("s3:PutBucketPolicy", bucket()),
    "read another parameter": ask("ssm:GetParameter", parameter("/database/password")),
    "write a parameter that only begins alike": ask(
        "ssm:PutParameter", parameter(f"{PREFIX}-of-another/x")
    ),
    "write a parameter abroad": ask(
        "ssm:PutParameter", parameter(f"{PREFIX}/x", ABROAD), region=ABROAD
    ),
    "give a machine a role": ask("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
    "change its own role": ask(
        "iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/dstack-images-staging"
    ),
    "take on another role": ask("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
    "run commands on machines": ask("ssm:SendCommand", machine_part("instance"), has=RUN),
}


@BOTH
@pytest.mark.parametrize("what", REFUSED)
def test_refused(scope: Scope, what: str) -> None:
    assert not REFUSED[what].passes(documents(scope))


@BOTH
@pytest.mark.parametrize("region", [AWAY, ABROAD])
def test_no_machine_but_at_home(scope: Scope, region: str) -> None:
    assert not any(request.passes(documents(scope)) for request in run(region=region))


@BOTH
@pytest.mark.parametrize("tags", [{}, {**RUN, STACK: "prod"}], ids=["none", "another stack's"])
@pytest.mark.parametrize("kind", ["instance", "network-interface", "volume"])
def test_each_part_of_a_machine_is_marked(scope: Scope, kind: str, tags: dict[str, str]) -> None:
    assert not ask("ec2:RunInstances", machine_part(kind), gets=tags).passes(documents(scope))


@BOTH
@pytest.mark.parametrize("kind", ["subnet", "security-group", "key-pair"])
def test_no_machine_in_what_belongs_to_others(scope: Scope, kind: str) -> None:
    others = {"Name": "database"}
    request = ask("ec2:RunInstances", machine_part(kind), has=others, gets=RUN)
    assert not request.passes(permissions(scope, "subnet-of-the-stack"))


@BOTH
def test_no_machine_in_another_subnet_even_of_the_stack(scope: Scope) -> None:
    request = ask("ec2:RunInstances", machine_part("subnet"), has=RUN)
    assert not request.passes(permissions(scope, "subnet-of-the-stack"))


def test_private_stack_makes_nothing_public() -> None:
    assert not SHARE.passes(documents(PRIVATE))


def test_public_stack_makes_only_its_own_releases_public() -> None:
    for has in (CONTENT, OTHERS_CONTENT, OTHERS_RELEASE, OLD_RELEASE, {}):
        assert not ask("ec2:ModifyImageAttribute", image(), has=has).passes(documents(PUBLIC))


def test_parameters_only_where_they_are_configured() -> None:
    document = documents(replace(PUBLIC, parameters=None))
    actions = {
        action
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    assert not any(action.startswith("ssm:") for action in actions)


@BOTH
def test_statements_say_what_they_are_for_as_iam_takes_it(scope: Scope) -> None:
    sids = [statement["Sid"] for statement in documents(scope)["Statement"]]
    assert all(sid.isascii() and sid.isalnum() for sid in sids)
    assert len(sids) == len(set(sids))


def test_fits_into_a_role_even_with_every_region() -> None:
    scope = replace(
        PUBLIC,
        stack="a-rather-long-name-of-a-stack",
        regions=sorted(REGIONS.names),
        security_group="sg-0123456789abcdef0",
        key_pair="tunnel",
    )
    document = permissions(scope, "subnet-0123456789abcdef0")
    assert len("".join(json.dumps(document).split())) <= 10240, "IAM's limit; it counts no spaces"


#: A repository as GitHub has named it in tokens until July 2026, and with identifiers.
PLAIN = Github(repository="dstackai/images", environment="prod")
WITH_IDS = Github(repository="dstackai@1/images@2", environment="prod")


def assumes(
    subject: str | None, audience: str = "sts.amazonaws.com", github: Github = PLAIN
) -> bool:
    """Whether a token with this subject gets the role."""
    issuer = "token.actions.githubusercontent.com"
    context: dict[str, str | list[str]] = {f"{issuer}:aud": audience}
    if subject is not None:
        context[f"{issuer}:sub"] = subject
    document = trust("arn-of-provider", github.subjects)
    return allowed(document, "sts:AssumeRoleWithWebIdentity", "arn-of-role", context)


def test_role_is_for_the_environment_of_the_repository() -> None:
    assert assumes("repo:dstackai/images:environment:prod")


@pytest.mark.parametrize(
    "subject",
    [
        "repo:somebody/images:environment:prod",
        "repo:dstackai/dstack:environment:prod",
        "repo:dstackai/images-fork:environment:prod",
        "repo:dstackai/images:environment:staging",
        "repo:dstackai/images:environment:prod-2",
        "repo:dstackai/images:environment:Prod",
        "repo:dstackai/images:ref:refs/heads/main",
        "repo:dstackai/images:ref:refs/heads/environment:prod",
        "repo:dstackai/images:pull_request",
        "repo:dstackai@1/images@2:environment:prod",
        "",
        None,
    ],
)
def test_role_is_for_nobody_else(subject: str | None) -> None:
    assert not assumes(subject)


def test_both_forms_of_the_subject_are_trusted_where_identifiers_are_known() -> None:
    for subject in (
        "repo:dstackai/images:environment:prod",
        "repo:dstackai@1/images@2:environment:prod",
    ):
        assert assumes(subject, github=WITH_IDS)
    for subject in (
        "repo:dstackai@1/images@3:environment:prod",
        "repo:dstackai@9/images@2:environment:prod",
        "repo:dstackai@1/images:environment:prod",
        "repo:dstackai@1/images@2:environment:staging",
        "repo:dstackai@1/images@2:pull_request",
    ):
        assert not assumes(subject, github=WITH_IDS)


def test_role_is_not_for_tokens_made_for_others() -> None:
    assert not assumes("repo:dstackai/images:environment:prod", "https://github.com/dstackai")


def test_trust_names_githubs_provider_and_nobody_beside_it() -> None:
    (statement,) = trust("arn-of-provider", PLAIN.subjects)["Statement"]
    assert statement.get("Principal") == {"Federated": "arn-of-provider"}
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
