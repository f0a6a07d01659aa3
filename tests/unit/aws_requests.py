"""Requests to AWS, as IAM sees them: EC2 is asked about each resource that a call touches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from images.tags import (
    BAKE,
    DIGEST,
    EXPIRES,
    RECORD,
    RELEASE,
    RUN_OWNER,
    STACK,
    VARIANT,
    VERIFICATION,
)
from tests.simulators.aws.policy_evaluator import allowed

ACCOUNT = "123456789012"
HOME = "eu-west-1"
#: Where the stack publishes too.
AWAY = "us-east-1"
#: Where it has nothing to do.
ABROAD = "ap-southeast-1"
BUCKET = f"dstack-images-staging-{ACCOUNT}"
SUBNET = "subnet-1"
PREFIX = "/dstack/images"

BAKE_NAME = "dstack-bake-cpu-3f2a00000000"
#: On all that a run of this stack makes.
RUN = {
    "Name": BAKE_NAME,
    STACK: "staging",
    BAKE: BAKE_NAME,
    RUN_OWNER: "4f00",
    EXPIRES: "1790000000",
}
#: On its finished content, and on that of another stack.
CONTENT = {
    STACK: "staging",
    BAKE: BAKE_NAME,
    VARIANT: "cpu",
    DIGEST: "3f2a",
    f"{RECORD}-0": "1:eJw=",
}
OTHERS_CONTENT = {**CONTENT, STACK: "prod"}
RELEASED = {STACK: "staging", BAKE: BAKE_NAME, RELEASE: "0.14", VARIANT: "cpu"}
OTHERS_RELEASE = {**RELEASED, STACK: "prod"}
#: dstack's images before this project carry tags of their own, if any.
OLD_RELEASE = {"Name": "dstack-0.10"}
VERIFIED = {f"{VERIFICATION}-0": "1:eJw="}


@dataclass(frozen=True)
class Request:
    """One thing that IAM is asked."""

    action: str
    resource: str
    context: Mapping[str, Any]

    def passes(self, document: Any) -> bool:
        return allowed(document, self.action, self.resource, self.context)


def ask(
    action: str,
    resource: str = "*",
    *,
    region: str = HOME,
    has: Mapping[str, str] | None = None,
    gets: Mapping[str, str] | None = None,
    **keys: str,
) -> Request:
    """`has`: tags of the resource. `gets`: tags that the request names. `keys`: of EC2's own."""
    context: dict[str, Any] = {"aws:RequestedRegion": region}
    context |= {f"aws:ResourceTag/{key}": value for key, value in (has or {}).items()}
    context |= {f"aws:RequestTag/{key}": value for key, value in (gets or {}).items()}
    if gets:
        context["aws:TagKeys"] = list(gets)
    context |= {f"ec2:{key.replace('__', '/')}": value for key, value in keys.items()}
    return Request(action, resource, context)


def machine_part(kind: str, region: str = HOME) -> str:
    """ARN of an instance, a volume, ..."""
    return f"arn:aws:ec2:{region}:{ACCOUNT}:{kind}/{kind}-1"


def image(region: str = HOME) -> str:
    return f"arn:aws:ec2:{region}::image/ami-1"


def snapshot(region: str = HOME) -> str:
    return f"arn:aws:ec2:{region}::snapshot/snap-1"


def volume(id: str, region: str = HOME) -> str:
    return f"arn:aws:ec2:{region}:{ACCOUNT}:volume/{id}"


def run(region: str = HOME) -> list[Request]:
    """All that RunInstances asks for a machine with a group and a key of the run."""

    def about(resource: str, **more: Any) -> Request:
        return ask("ec2:RunInstances", resource, region=region, **more)

    return [
        *(
            about(machine_part(kind, region), gets=RUN)
            for kind in ("instance", "network-interface", "volume")
        ),
        about(image(region)),
        about(snapshot(region)),
        about(f"arn:aws:ec2:{region}:{ACCOUNT}:subnet/{SUBNET}"),
        about(machine_part("security-group", region), has=RUN),
        about(machine_part("key-pair", region), has=RUN),
    ]


def bucket(key: str = "", name: str = BUCKET) -> str:
    return f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}"


def parameter(name: str, region: str = HOME) -> str:
    return f"arn:aws:ssm:{region}:{ACCOUNT}:parameter{name}"
