"""AMIs that stacks have published, in whatever region of the account."""

from typing import Any

from botocore.exceptions import ClientError

from bakery.aws import clients
from bakery.aws.amis import Ami, with_tag
from images.aws import AwsAccount
from images.tags import RELEASE


def copies(account: AwsAccount) -> tuple[list[tuple[str, Ami]], list[str]]:
    """Return each with its region; and regions that may not be looked into.

    A stack's own role sees no others than its own.
    """
    found: list[tuple[str, Ami]] = []
    unseen: list[str] = []
    for region in regions(account):
        with clients.translate_errors(region):
            try:
                amis = with_tag(clients.ec2(account, region), RELEASE)
            except ClientError as error:
                if not not_for_us(account, region, error):
                    raise
                unseen.append(region)
                continue
        found += [(region, ami) for ami in amis]
    return found, unseen


def not_for_us(account: AwsAccount, region: str, error: ClientError) -> bool:
    """Whether this is about who asks. The home region has just answered: elsewhere, tokens of the
    global endpoint of STS are no credentials ("Managing AWS STS in an AWS Region").
    """
    elsewhere = region != account.region
    return clients.denied(error) or (elsewhere and clients.code(error) == "AuthFailure")


def regions(account: AwsAccount) -> list[str]:
    """Return the regions that are switched on for the account."""
    with clients.translate_errors(account.region):
        described: Any = clients.ec2(account).describe_regions()["Regions"]
    return [region["RegionName"] for region in described]
