"""Names of roles and of who has them."""

import uuid

from components.azure.account import Subscription


def builtin(subscription: Subscription, role: str) -> str:
    """The id of one of Azure's own roles."""
    return f"{subscription.scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def guid(subscription: Subscription, what: str) -> str:
    """A name as Azure wants it, and the same at every `up`."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"dstack-images {subscription.id} {what}"))
