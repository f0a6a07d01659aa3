"""Who owns applications and principals of the directory, and who may therefore change them.

Sources: Microsoft Graph, "Create servicePrincipal" (whoever has no role of an administrator has to
own the application; microsoftgraph/microsoft-graph-docs issue 16138), "Application Developer" among
"Microsoft Entra built-in roles" (what he registers he owns), hashicorp/terraform-provider-azuread
issue 365 (refused to a user what he had just registered, and owned no more).
"""

from tests.simulators.azure.shapes import Refused


class Owners:
    """By the id of what is owned. `administrators` are objects with Application Administrator."""

    def __init__(self) -> None:
        self.administrators: set[str] = set()
        self._of: dict[str, list[str]] = {}

    def of(self, id: str) -> list[str]:
        return list(self._of.get(id, []))

    def add(self, id: str, *owners: str) -> None:
        self._of[id] = list(dict.fromkeys([*self.of(id), *owners]))

    def remove(self, id: str, owner: str) -> None:
        if owner not in self.of(id):
            raise Refused(404, "Request_ResourceNotFound", f"'{owner}' is no owner of '{id}'.")
        self._of[id].remove(owner)

    def forget(self, id: str) -> None:
        self._of.pop(id, None)

    def check(self, caller: str, id: str) -> None:
        """Refuses who may not change it."""
        if caller not in {*self.administrators, *self.of(id)}:
            message = "Insufficient privileges to complete the operation."
            raise Refused(403, "Authorization_RequestDenied", message)
