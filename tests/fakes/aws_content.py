"""AMIs in an account that moto plays within the test's process."""

from pathlib import Path
from typing import Any

from bakery.adapter import RunFolders
from bakery.aws.adapter import Aws
from bakery.run_owner import run_tags
from tests.fakes.aws_jobs import bake_job, target
from tests.fakes.bake_jobs import BAKE, DIGEST
from tests.unit.unit_samples import bake_record


def public_ami(ec2: Any) -> str:
    return ec2.describe_images(Owners=["099720109477"])["Images"][0]["ImageId"]


def make_ami(ec2: Any, name: str, tags: dict[str, str]) -> str:
    ami = ec2.register_image(Name=name, RootDeviceName="/dev/sda1")["ImageId"]
    ec2.create_tags(Resources=[ami], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    return ami


def during(**changes: str) -> dict[str, str]:
    """Tags of a run of this machine on the bake."""
    return {**run_tags(bake_job(target(None, "ami-00000000"))), **changes}


def amis(ec2: Any) -> list[str]:
    return [ami["ImageId"] for ami in ec2.describe_images(Owners=["self"])["Images"]]


def complete(ec2: Any, adapter: Aws, tmp_path: Path) -> str:
    """Content as a bake leaves it."""
    ami = make_ami(ec2, BAKE, during())
    (tmp_path / "packages.txt").write_text("bash 1 amd64\n")
    (tmp_path / "sbom.spdx.json.gz").write_bytes(b"compressed")
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": ami, "cloud": "aws"})
    place = RunFolders(tmp_path, tmp_path, tmp_path)
    job = bake_job(adapter._target)  # pyright: ignore[reportPrivateUsage]
    adapter.complete(job, place, record)
    return ami
