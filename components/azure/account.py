"""The subscription that the environment's credentials are for, and how it is talked to."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
import pulumi_azuread as azuread

from config.azure import Azure
from images.errors import NotReached


@dataclass(frozen=True)
class Subscription:
    """It, its directory, and who is at work there: the object ID of a person or a principal."""

    id: str
    tenant: str
    person: str
    provider: azure.Provider

    @property
    def scope(self) -> str:
        """Return the subscription's ID as roles name it."""
        return f"/subscriptions/{self.id}"

    def group(self, name: str) -> str:
        """The id of a resource group."""
        return f"{self.scope}/resourceGroups/{name}"


def subscription(chosen: Azure) -> Subscription:
    """The one that the credentials choose. Raises NotReached, before anything is made."""
    provider = azure.Provider("azure", metadata_host=_host(chosen))
    try:
        found = azure.authorization.get_client_config(opts=pulumi.InvokeOptions(provider=provider))
    except Exception as error:
        raise NotReached(
            f"Azure does not accept the credentials of this environment ({error}). Run `az login`, "
            "or set ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_TENANT_ID and ARM_SUBSCRIPTION_ID, or "
            "renew them, and run again"
        ) from None
    if not found.subscription_id:
        raise NotReached(
            "the credentials of this environment choose no subscription; run `az account set "
            "--subscription <id>`, or set ARM_SUBSCRIPTION_ID, and run again"
        )
    return Subscription(found.subscription_id, found.tenant_id, found.object_id, provider)


def directory(chosen: Azure, of: Subscription) -> azuread.Provider:
    """The provider of the subscription's directory, where applications are registered."""
    return azuread.Provider("azuread", tenant_id=of.tenant, metadata_host=_host(chosen))


def _host(chosen: Azure) -> str | None:
    return chosen.endpoint and chosen.endpoint.removeprefix("https://")
