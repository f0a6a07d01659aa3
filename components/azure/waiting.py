"""A role that was made a moment ago is not known at once to whoever gives it away.

Azure says RoleDefinitionDoesNotExist then, for seconds to minutes, and its provider does not try
again (hashicorp/terraform-provider-azurerm issues 10434 and 19916, Azure/azure-cli issue 20727).
"""

import asyncio
from datetime import UTC, datetime

import pulumi

#: Seconds. A look does not tell: the next one may be answered by another front end.
_SETTLED = 120.0


async def settled(role: str, created_on: str | None) -> str:
    """The role's id, once it is old enough. Of a role that was there before, that is at once."""
    age = _age(created_on)
    if age is not None and age < _SETTLED:
        pulumi.log.info(f"Azure gets to know the role {role}: waiting for {_SETTLED - age:.0f} s")
        await asyncio.sleep(_SETTLED - max(age, 0.0))
    return role


def _age(created_on: str | None) -> float | None:
    """Return the role's age in seconds, or None where Azure does not say."""
    if not created_on:
        return None
    made = datetime.fromisoformat(created_on)
    made = made if made.tzinfo else made.replace(tzinfo=UTC)
    return (datetime.now(UTC) - made).total_seconds()
