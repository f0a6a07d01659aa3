"""AWS, played by moto."""

from typing import Any

from config.aws import REGIONS
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.aws.moto_judge import key_of

HOME = "eu-west-1"


class AwsWorld:
    cloud = "aws"
    publication = "aws:ec2/amiCopy:AmiCopy"
    prod_places: tuple[str, ...] = (
        "us-east-2",
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-north-1",
        "ap-southeast-1",
    )
    another_place: str | None = "us-east-1"

    def __init__(self, account: MotoAccount) -> None:
        self.account = account
        self.credentials_words = {
            "none": "No valid credential sources found",
            "expired": "AWS does not accept the credentials of this environment",
        }

    def name(self, name: str) -> str:
        return name

    def env(self) -> dict[str, str]:
        return self.account.env

    def other_env(self) -> dict[str, str]:
        return {**self.account.env, "AWS_SESSION_TOKEN": "tomorrow's"}

    def role_env(self, stack: str) -> dict[str, str]:
        """As a workflow that has taken on the stack's role, which may do what its policy says."""
        return {**self.account.env, "AWS_ACCESS_KEY_ID": key_of(f"dstack-images-{stack}")}

    def broken_env(self, which: str) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": "" if which == "none" else "EXPIRED"}

    def settle(self, section: dict[str, Any]) -> None:
        section["endpoint"] = self.account.address
        section["source"] = self.account.source_ami
        section["sshFrom"] = ["192.0.2.1/32"]
        section.pop("subnet", None)

    def published(self) -> dict[str, list[str]]:
        found = {
            region: sorted(ami["Name"] for ami in self.amis(region) if not _is_bake(ami))
            for region in sorted(REGIONS.names)
        }
        return {region: names for region, names in found.items() if names}

    def is_public(self, place: str, name: str) -> bool:
        return self._named(place, name)["Public"]

    def bakes(self) -> list[str]:
        return sorted(ami["Name"] for ami in self.amis(HOME) if _is_bake(ami))

    def squat(self, name: str) -> None:
        self.ec2(HOME).register_image(Name=name, RootDeviceName="/dev/sda1")

    def remove(self, place: str, name: str) -> None:
        self.ec2(place).deregister_image(ImageId=self._named(place, name)["ImageId"])

    def make_deprecated(self, region: str, name: str) -> None:
        """Time passes: EC2 hides the AMI of that name from all other accounts."""
        self.account.make_deprecated(region, self._named(region, name)["ImageId"])

    def amis(self, region: str) -> list[dict[str, Any]]:
        """All of the account's own."""
        return self.ec2(region).describe_images(Owners=["self"])["Images"]

    def ec2(self, region: str) -> Any:
        return self.account.client("ec2", region)

    def _named(self, region: str, name: str) -> dict[str, Any]:
        (found,) = (ami for ami in self.amis(region) if ami["Name"] == name)
        return found


def _is_bake(ami: dict[str, Any]) -> bool:
    return ami["Name"].startswith("dstack-bake-")
