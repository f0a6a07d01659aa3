"""Which subscription the environment names."""

import json
import os
import subprocess

from images.azure import AzureSubscription
from images.errors import UserError

#: Seconds; `az` may have to renew its login.
_LONGEST = 60


def subscription(endpoint: str | None = None) -> AzureSubscription:
    """The subscription that the environment names. Raises UserError without one."""
    id, tenant = _ids()
    return AzureSubscription(subscription=id, tenant=tenant, endpoint=endpoint)


def _ids() -> tuple[str, str]:
    """The subscription and its tenant: by the variables of Pulumi's provider or of Azure's
    libraries, else those that `az` has chosen.
    """
    for family in ("ARM", "AZURE"):
        if found := os.environ.get(f"{family}_SUBSCRIPTION_ID"):
            return found, os.environ.get(f"{family}_TENANT_ID", "")
    try:
        shown = subprocess.run(
            ["az", "account", "show", "--output", "json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=True,
        ).stdout
        account: dict[str, str] = json.loads(shown)
        return account["id"], account["tenantId"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        raise UserError(
            "no subscription of Azure is chosen; run `az login`, or set ARM_SUBSCRIPTION_ID and "
            "ARM_TENANT_ID, and run again"
        ) from None
