"""AWS, played by moto."""

from typing import Any

from images.regions import REGIONS
from moto_account import MotoAccount


class AwsWorld:
    cloud = "aws"

    def __init__(self, account: MotoAccount) -> None:
        self.account = account

    def env(self) -> dict[str, str]:
        return self.account.env

    def settle(self, section: dict[str, Any]) -> None:
        section["endpoint"] = self.account.address
        section["source"] = self.account.source_ami
        section["sshFrom"] = ["192.0.2.1/32"]
        section.pop("subnet", None)

    def published(self) -> dict[str, list[str]]:
        found = {
            region: sorted(ami["Name"] for ami in self.amis(region) if not _is_bake(ami))
            for region in sorted(REGIONS["aws"])
        }
        return {region: names for region, names in found.items() if names}

    def bakes(self) -> list[str]:
        return sorted(ami["Name"] for ami in self.amis("eu-west-1") if _is_bake(ami))

    def amis(self, region: str) -> list[dict[str, Any]]:
        return self.account.client("ec2", region).describe_images(Owners=["self"])["Images"]


def _is_bake(ami: dict[str, Any]) -> bool:
    return ami["Name"].startswith("dstack-bake-")
