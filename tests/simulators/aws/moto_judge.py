"""IAM before moto's EC2: calls that a role signs are judged by the policies it has.

moto judges no conditions. Whoever signs with the access key that `key_of` gives is that role; all
others may do everything. What EC2 looks at is said by the "Service Authorization Reference",
"Amazon EC2": for each resource that a call names, its tags and a few keys of EC2's own.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from tests.simulators.aws.policy_evaluator import allowed

_ROLE = "role."
_SIGNED = re.compile(r"Credential=role\.(?P<role>[^/]+)/\d+/(?P<region>[^/]+)/ec2/")
_BY_ID = {
    "DeleteSnapshot": "SnapshotId",
    "DeregisterImage": "ImageId",
    "DescribeImageAttribute": "ImageId",
    "DisableImageDeprecation": "ImageId",
    "EnableImageDeprecation": "ImageId",
    "ModifyImageAttribute": "ImageId",
}
Question = tuple[str, dict[str, str | list[str]]]


def key_of(role: str) -> str:
    """The access key of who has taken on a role."""
    return _ROLE + role


class Judged:
    """moto's application, behind IAM."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        signed = _SIGNED.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is None:
            return self._application(environ, start)
        body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        call = dict(parse_qsl(body.decode(), keep_blank_values=True))
        refused = _refused(signed["role"], signed["region"], call)
        if refused is None:
            return self._application(environ, start)
        start("403 Forbidden", [("Content-Type", "text/xml")])
        error = f"<Code>UnauthorizedOperation</Code><Message>{refused}</Message>"
        answer = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>1</RequestID>"
        return [f"{answer}</Response>".encode()]


def _refused(role: str, region: str, call: dict[str, str]) -> str | None:
    """What the role may not do, if anything."""
    action = f"ec2:{call['Action']}"
    statements = list(_statements(role))
    for resource, context in _questions(region, call):
        context["aws:RequestedRegion"] = region
        if not allowed({"Statement": statements}, action, resource, context):
            return f"{role} is not authorized to perform: {action} on resource: {resource}"
    return None


def _statements(role: str) -> Iterator[Any]:
    for policy in iam_backends[DEFAULT_ACCOUNT_ID]["aws"].get_role(role).policies.values():
        yield from json.loads(policy)["Statement"]


def _questions(region: str, call: dict[str, str]) -> Iterator[Question]:
    """What IAM is asked: each resource, with what is known of it. Raises LookupError for others."""
    action = call["Action"]
    if action.startswith(("Describe", "Get")) and action not in _BY_ID:
        yield "*", {}
    elif action == "CopyImage":
        # Neither tags of the source are looked at, nor has the provider any for the copy.
        yield f"arn:aws:ec2:{call['SourceRegion']}::image/{call['SourceImageId']}", {}
        yield f"arn:aws:ec2:{region}::snapshot/*", {}
    elif action in ("CreateTags", "DeleteTags"):
        for _, id in _listed(call, "ResourceId.{}"):
            resource, context = _known(region, id)
            tags = [(key, call.get(f"Tag.{n}.Value", "")) for n, key in _listed(call, "Tag.{}.Key")]
            context |= {f"aws:RequestTag/{key}": value for key, value in tags}
            yield resource, {**context, "aws:TagKeys": [key for key, _ in tags]}
    else:
        resource, context = _known(region, call[_BY_ID[action]])
        if "Description.Value" in call:
            context["ec2:Attribute/Description"] = call["Description.Value"]
        yield resource, context


def _listed(call: dict[str, str], name: str) -> Iterator[tuple[int, str]]:
    n = 1
    while name.format(n) in call:
        yield n, call[name.format(n)]
        n += 1


def _known(region: str, id: str) -> Question:
    """An image or a snapshot by its ARN, and what EC2 tells IAM of it."""
    backend = ec2_backends[DEFAULT_ACCOUNT_ID][region]
    tags = backend.tags.get(id, {})
    context: dict[str, Any] = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    if id.startswith("ami-"):
        if id in backend.amis:
            context["ec2:Public"] = str(backend.amis[id].is_public).lower()
        return f"arn:aws:ec2:{region}::image/{id}", context
    if id.startswith("snap-"):
        if id in backend.snapshots:
            volume = backend.snapshots[id].volume.id
            context["ec2:ParentVolume"] = (
                f"arn:aws:ec2:{region}:{DEFAULT_ACCOUNT_ID}:volume/{volume}"
            )
        return f"arn:aws:ec2:{region}::snapshot/{id}", context
    raise LookupError(f"{id} is not judged here")
