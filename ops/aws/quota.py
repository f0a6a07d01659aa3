"""Limits of EC2 in each region: AMIs, and public ones.

Source: "Amazon EC2 endpoints and quotas", and "Amazon Machine Image quotas": AMIs in the Recycle
Bin count, available, disabled and pending ones too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bakery.aws import clients
from bakery.aws.amis import named, own
from config.aws import Aws
from images.aws import AwsAccount
from images.naming import BAKES
from ops.headroom import Headroom

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_service_quotas import ServiceQuotasClient

PUBLIC, ALL = "L-0E3CBAB9", "L-B665C33B"
_TITLES = {PUBLIC: "public AMIs", ALL: "AMIs"}
#: Of requests that may still be granted.
_OPEN = {"PENDING", "CASE_OPENED"}


def headroom(chosen: Aws, names: list[str], *, public: bool) -> Iterator[Headroom]:
    """Return the limits of the home region and of all where the stack publishes."""
    target = AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint)
    for region in dict.fromkeys([chosen.home_region, *chosen.regions]):
        wanted = names if region in chosen.regions else []
        with clients.translate_errors(region):
            client = clients.ec2(target, region)
            quotas = clients.quotas(target, region)
            binned, note = _in_recycle_bin(client)
            # Content was never public; of the rest nobody tells any more.
            shared_once = sum(not name.startswith(BAKES) for name in binned)
            every = own(client)
            there = {ami.name for ami in every}
            bakes = 0
            if region == chosen.home_region:
                # At most: releases may share content.
                bakes = max(0, len(names) - len(named(client, f"{BAKES}*")))
            missing = [name for name in wanted if name not in there]
            used = len(every) + len(binned)
            yield _row(quotas, region, ALL, used, len(missing) + bakes, note)
            if public and wanted:
                shared = {ami.name for ami in every if ami.public}
                opened = sum(ami.public for ami in every) + shared_once
                yield _row(
                    quotas,
                    region,
                    PUBLIC,
                    opened,
                    len([n for n in wanted if n not in shared]),
                    note,
                )


def _row(
    quotas: ServiceQuotasClient, region: str, code: str, used: int, needed: int, note: str
) -> Headroom:
    limit, unknown = None, ""
    try:
        limit = _limit(quotas, code)
    except ClientError as error:
        unknown = f"the limit cannot be read ({clients.code(error)})"
    request = (
        f"aws service-quotas request-service-quota-increase --region {region} --service-code ec2 "
        f"--quota-code {code} --desired-value {used + needed}"
    )
    return Headroom(
        cloud="aws",
        where=region,
        what=_TITLES[code],
        limit=limit,
        used=used,
        needed=needed,
        request=request,
        pending=_pending(quotas, code),
        note=note,
        unknown=unknown,
    )


def _limit(quotas: ServiceQuotasClient, code: str) -> int:
    which = {"ServiceCode": "ec2", "QuotaCode": code}
    try:
        found = quotas.get_service_quota(**which)["Quota"]
    except ClientError as error:
        # "GetServiceQuota": of some quotas only the default is known.
        if clients.code(error) != "NoSuchResourceException":
            raise
        found = quotas.get_aws_default_service_quota(**which)["Quota"]
    return int(found.get("Value", 0))


def _pending(quotas: ServiceQuotasClient, code: str) -> int | None:
    """What was asked for and not decided; None too where these credentials may not see that."""
    try:
        found = quotas.list_requested_service_quota_change_history_by_quota(
            ServiceCode="ec2", QuotaCode=code
        )
    except ClientError as error:
        if clients.denied(error):
            return None
        raise
    asked = [
        int(one.get("DesiredValue", 0))
        for one in found["RequestedQuotas"]
        if one.get("Status") in _OPEN
    ]
    return max(asked, default=None)


def _in_recycle_bin(client: EC2Client) -> tuple[list[str], str]:
    """Return the names of images in it, and what to note where nobody may look."""
    try:
        pages = client.get_paginator("list_images_in_recycle_bin").paginate()
        return [image.get("Name", "") for page in pages for image in page["Images"]], ""
    except ClientError as error:
        if clients.denied(error):
            return [], "the Recycle Bin, which counts too, may not be looked into"
        raise
