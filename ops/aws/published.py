"""What a stack has published on AWS: AMIs with their snapshots, in all regions of the account."""

from collections.abc import Iterator
from functools import partial

from bakery.aws import clients
from bakery.aws.amis import Ami, remove
from config.aws import Aws
from images.aws import AwsAccount
from ops.aws.copies import copies
from ops.published_images import PublishedImage, is_of


def published(chosen: Aws, stack: str, prefix: str) -> Iterator[PublishedImage]:
    """Each of them. Raises UserError."""
    account = AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint)
    for region, ami in copies(account)[0]:
        if is_of(stack, prefix, ami.name, ami.tags):
            yield PublishedImage(ami.name, region, ami.id, partial(_remove, account, region, ami))


def _remove(account: AwsAccount, region: str, ami: Ami) -> None:
    with clients.translate_errors(region):
        remove(clients.ec2(account, region), ami)
