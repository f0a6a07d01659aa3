"""The newest AMI of a kind: names of one kind differ in the day at their end."""

import re

from bakery.aws import clients
from bakery.aws.amis import by_id, named
from config.aws import Aws
from images.aws import AwsAccount
from images.errors import UserError

#: As Canonical's names end: `...-server-20250828`, and `.1` for a second one of a day.
_DAY = re.compile(r"\d{8}(\.\d+)?$")


def newest(chosen: Aws, source: str) -> str | None:
    """The AMI, in the home region. None for one whose name has no day."""
    with clients.translate_errors(chosen.home_region):
        client = clients.ec2(AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint))
        if source.startswith("ami-"):
            present = by_id(client, source)
            if present is None:
                raise UserError(
                    f"{chosen.home_region} has no {source} any more; name its kind instead, such "
                    "as 099720109477:ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"
                )
            if not _DAY.search(present.name):
                return None
            owner, pattern = present.owner, _DAY.sub("*", present.name)
        else:
            owner, _, pattern = source.partition(":")
        usable = [ami for ami in named(client, pattern, owner) if ami.state == "available"]
    if not usable:
        raise UserError(f"{chosen.home_region} has no AMI {owner}:{pattern}")
    return usable[0].id
