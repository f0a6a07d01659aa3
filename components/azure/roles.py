"""Names of roles and of who has them."""

import uuid

from components.azure.account import Subscription

#: Roles that Azure has: "Azure built-in roles".
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"


def builtin(subscription: Subscription, role: str) -> str:
    """The id of one of Azure's own roles."""
    return f"{subscription.scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def guid(subscription: Subscription, what: str) -> str:
    """A name as Azure wants it, and the same at every `up`."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"dstack-images {subscription.id} {what}"))
