"""Where the bakery's code is to look, for commands that bake nothing."""

import json
import os
import subprocess

from images.azure import AzureTarget
from images.errors import UserError

#: Seconds; `az` may have to renew its login.
_LONGEST = 60


def azure_target(location: str, endpoint: str | None = None, **places: str | None) -> AzureTarget:
    """The subscription that the environment names, with nothing that only machines need.

    `places` are groups and the gallery, as AzureTarget calls them. Raises UserError.
    """
    subscription, tenant = _subscription()
    nothing = AzureTarget(
        subscription=subscription,
        tenant=tenant,
        location=location,
        endpoint=endpoint,
        group="",
        build_group="",
        publication="",
        gallery=None,
        public_name=None,
        source="",
        vm_size="",
        verify_vm_size="",
        ssh_from=[],
        account="",
        container="",
        fresh_identity=False,
    )
    return nothing.model_copy(update=places)


def _subscription() -> tuple[str, str]:
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
