"""Quotas of EC2, which moto has none of, and the Recycle Bin, which it does not know.

Sources: "Amazon EC2 endpoints and quotas" for codes and defaults; "Service Quotas API Reference",
GetServiceQuota (applied values; of some quotas there is only the default),
ListRequestedServiceQuotaChangeHistoryByQuota; "ListImagesInRecycleBin", EC2 API Reference.
"""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses.amis import AmisResponse
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.responses import ServiceQuotasResponse

DEFAULTS = {"L-0E3CBAB9": 5.0, "L-B665C33B": 50_000.0}


class Quotas:
    """What is set for tests: applied values by region and code, requests, AMIs in the bin."""

    def __init__(self) -> None:
        self.applied: dict[tuple[str, str], float] = {}
        self.requested: list[dict[str, Any]] = []
        #: Names, by which alone content is known there.
        self.bin: list[str] = []


def teach(monkeypatch: Any) -> Quotas:
    """From now on, until the test ends."""
    quotas = Quotas()

    def applied(response: Any) -> str:
        asked = json.loads(response.body)
        key = (response.region, asked["QuotaCode"])
        if asked["ServiceCode"] != "ec2" or key not in quotas.applied:
            raise NoSuchResource
        return json.dumps({"Quota": {"QuotaCode": key[1], "Value": quotas.applied[key]}})

    def default(response: Any) -> str:
        asked = json.loads(response.body)
        code = asked["QuotaCode"]
        return json.dumps({"Quota": {"QuotaCode": code, "Value": DEFAULTS[code]}})

    def requested(response: Any) -> str:
        code = json.loads(response.body)["QuotaCode"]
        found = [one for one in quotas.requested if one["QuotaCode"] == code]
        return json.dumps({"RequestedQuotas": found})

    def binned(_response: Any) -> ActionResult:
        images = [{"ImageId": f"ami-{n:08}", "Name": name} for n, name in enumerate(quotas.bin)]
        return ActionResult({"Images": images})

    for name, answer in (
        ("get_service_quota", applied),
        ("get_aws_default_service_quota", default),
        ("list_requested_service_quota_change_history_by_quota", requested),
    ):
        monkeypatch.setattr(ServiceQuotasResponse, name, answer, raising=False)
    monkeypatch.setattr(AmisResponse, "list_images_in_recycle_bin", binned, raising=False)
    return quotas
