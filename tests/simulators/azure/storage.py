"""Microsoft.Storage's accounts and containers; what is in those is in azure_blobs.py."""

import re

from tests.simulators.azure.resources import STORAGE, Id, Kind
from tests.simulators.azure.shapes import Json, Refused

ACCOUNT = "Microsoft.Storage/storageAccounts"
CONTAINER = f"{ACCOUNT}/blobServices/containers"


class Account(Kind):
    type, version = ACCOUNT, STORAGE
    name = re.compile(r"[a-z0-9]{3,24}")
    _given = (
        *("accessTier", "allowBlobPublicAccess", "allowCrossTenantReplication"),
        *("allowSharedKeyAccess", "defaultToOAuthAuthentication", "minimumTlsVersion"),
        *("publicNetworkAccess", "supportsHttpsTrafficOnly", "encryption.*", "networkAcls.*"),
    )
    fields = (
        *("location", "tags.*", "sku.name", "kind"),
        *(f"properties.{name}" for name in _given),
    )

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        taken = [one["id"] for one in self.resources.of(ACCOUNT) if one["name"] == id.name]
        if old is None and taken:
            message = f"The storage account named {id.name} is already taken."
            raise Refused(409, "StorageAccountAlreadyTaken", message)
        if "sku" not in body or "kind" not in body:
            raise Refused(400, "InvalidValuesForRequestParameters", "sku and kind are required.")

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        body["properties"]["primaryEndpoints"] = {"blob": f"{self.address}/{id.name}/"}


class Container(Kind):
    type, version = CONTAINER, STORAGE
    name = re.compile(r"[a-z0-9](-?[a-z0-9]){2,62}")
    fields = ("properties.publicAccess", "properties.metadata.*")
    slow, inside = False, 2
