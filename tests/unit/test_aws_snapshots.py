"""What is sent to AWS, in files that can be held against its API references."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import botocore.client
import pulumi
import pytest

from bakery.adapter import RunFolders
from bakery.aws.adapter import Aws
from bakery.aws.publication_checks import AwsPublicationChecks
from bakery.progress import Progress
from bakery.run_owner import run_tags
from components.aws import image as of_images
from components.aws.image import AwsImage, AwsImageArgs
from components.aws.policies import permissions
from components.bake import BakeArgs
from images.job import CheckPublishedJob, PreflightJob, Published, RemoveOrphanJob
from images.tags import BAKE as BAKE_TAG
from images.tags import STACK
from tests.fakes.aws_content import make_ami, public_ami
from tests.fakes.aws_jobs import REGION, bake_job, target
from tests.fakes.bake_jobs import BAKE, DIGEST, OLD_PACKER
from tests.fakes.snapshots import PART_OF_RECORD, RECORD_KEY, compare, distinct
from tests.unit.registered import Answers, Registered, registered
from tests.unit.test_aws_bakery import leave_all
from tests.unit.test_aws_bucket import bucket
from tests.unit.test_aws_identity import SCOPE, SUBNET, identity
from tests.unit.test_aws_network import network
from tests.unit.unit_samples import (
    PROJECT,
    bake_record,
    local_images,
    verification_record,
)

pytestmark = pytest.mark.unit

NAME = "dstack-0.14"
HERE = target(None, "ami-0123456789abcdef0")

# What Pulumi's provider is told


def made(found: Registered) -> dict[str, Any]:
    """Inputs of all resources of AWS, by type and name. Policies are shown as what they say."""
    return {
        f"{one.options.type} {name.partition(' ')[2]}": {
            key: json.loads(value) if str(value).startswith('{"') else value
            for key, value in one.inputs.items()
        }
        for name, one in found.children().items()
    }


class Baked(pulumi.ComponentResource):
    """Content that is there, with a record."""

    def __init__(self, name: str, *_: object) -> None:
        super().__init__("dstack-images:index:Bake", name)
        record = bake_record(BAKE, DIGEST).model_copy(
            update={"image_id": "ami-of-content", "cloud": "aws"}
        )
        self.record = pulumi.Output.from_input(record)
        self.verification = pulumi.Output.from_input(None)


def published(monkeypatch: pytest.MonkeyPatch) -> Registered:
    """A public image in two regions."""
    answer = Answers.new_resource

    def with_snapshot(self: Answers, args: Any) -> tuple[str, dict[str, Any]]:
        id, outputs = answer(self, args)
        return id, {**outputs, "rootSnapshotId": f"snapshot-of-{args.name}"}

    monkeypatch.setattr(Answers, "new_resource", with_snapshot)
    confirmation = pulumi.Output.from_input(Published(name=NAME, found={}))
    monkeypatch.setattr(of_images, "Bake", Baked)
    monkeypatch.setattr(of_images, "orphan_hook", lambda *_: None)
    monkeypatch.setattr(of_images, "check_published", lambda *_: confirmation)
    wanted = replace(local_images(PROJECT, visibility="public")[0], name=NAME)
    args = AwsImageArgs(
        bake=BakeArgs(wanted, HERE),
        target=HERE.model_copy(update={"deprecate_after_days": 365}),
        account_id="123456789012",
        home_region=REGION,
        regions=[REGION, "us-east-1"],
        parameters="/dstack/images",
        expires=True,
        today=date(2026, 11, 28),
    )
    return registered(lambda opts: AwsImage("aws-cpu-0.14", args, opts).image)


def test_prerequisites() -> None:
    compare("aws/bucket.json", made(bucket()))
    compare("aws/bucket-kept.json", made(bucket(kept=True)))
    compare("aws/network.json", made(network()))
    compare("aws/github.json", made(identity()))
    everything = replace(SCOPE, public=True, parameters="/dstack/images")
    compare("aws/permissions-public.json", permissions(everything, SUBNET))


def test_published_names(monkeypatch: pytest.MonkeyPatch) -> None:
    compare("aws/public-image.json", made(published(monkeypatch)))


# What the bakery asks


class Sent:
    """Calls of boto3 since the last look, each once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._calls: list[dict[str, Any]] = []
        base: Any = botocore.client.BaseClient
        call = base._make_api_call

        def noted(client: Any, operation: str, given: dict[str, Any]) -> Any:
            service, region = client.meta.service_model.service_name, client.meta.region_name
            self._calls.append({"call": f"{service} {operation} {region}", "parameters": given})
            return call(client, operation, given)

        monkeypatch.setattr(base, "_make_api_call", noted)

    def take(self) -> list[dict[str, Any]]:
        plain = [_plain(call) for call in self._calls]
        self._calls.clear()
        return distinct(plain)


def _plain(value: Any) -> Any:
    """Returns the request without what differs each time or nobody can read."""
    if isinstance(value, dict):
        tag: dict[str, Any] = value
        if RECORD_KEY.fullmatch(str(tag.get("Key"))):
            return {**tag, "Value": PART_OF_RECORD} if "Value" in tag else tag
        if tag.get("Key") in ("dstack-run-owner", "dstack-expires") and "Value" in tag:
            return {**tag, "Value": f"<{tag['Key']}>"}
        return {key: "<text>" if key == "Body" else _plain(one) for key, one in tag.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return (
        re.sub(r"\b(ami|i|sg|snap|vol)-[0-9a-f]{8,17}\b", r"<\1>", value)
        if isinstance(value, str)
        else value
    )


def test_requests_of_a_bake(ec2: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = target(None, public_ami(ec2))
    job, place = bake_job(there), RunFolders(tmp_path, tmp_path, tmp_path)
    (tmp_path / "packages.txt").write_text("bash 5 amd64\n")
    (tmp_path / "sbom.spdx.json.gz").write_bytes(b"compressed")
    leave_all(ec2, run_tags(job))
    adapter, sent = Aws(there, "test"), Sent(monkeypatch)
    adapter.preflight(job, OLD_PACKER)
    adapter.sweep(BAKE, Progress())
    compare("aws/requests-sweep.json", sent.take())
    make_ami(ec2, BAKE, run_tags(job))
    sent.take()
    made = adapter.collect(job, place).image_id
    adapter.complete(job, place, bake_record(BAKE, DIGEST).model_copy(update={"image_id": made}))
    adapter.keep_verification(verification_record(BAKE))
    compare("aws/requests-record.json", sent.take())


def test_requests_of_a_publication(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = make_ami(ec2, BAKE, {})
    make_ami(ec2, NAME, {STACK: "test", BAKE_TAG: BAKE})
    publisher, sent = AwsPublicationChecks(HERE), Sent(monkeypatch)
    names: dict[str, Any] = {"stack": "test", "target": HERE}
    publisher.preflight(
        PreflightJob(names=[NAME], locations=[REGION], public=True, **names), Progress()
    )
    publisher.remove_orphan(
        RemoveOrphanJob(
            bake=BAKE, standing="current", name=NAME, location=REGION, protect=True, **names
        ),
        Progress(),
    )
    compare("aws/requests-before.json", sent.take())
    ami = ec2.copy_image(Name=NAME, SourceImageId=content, SourceRegion=REGION)["ImageId"]
    sent.take()
    ids = {REGION: ami}
    job = CheckPublishedJob(
        bake=BAKE, name=NAME, public=False, standing="current", ids=ids, replacement=None, **names
    )
    publisher.check_published(job, Progress())
    compare("aws/requests-after.json", sent.take())
