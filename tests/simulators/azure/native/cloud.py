"""The simulated Azure as the simulator asks for it."""

from typing import Any

from tests.simulators.azure.native.calls import Calls
from tests.simulators.azure.native.model import AzureModel, Kind
from tests.simulators.azure.native.plans import planned
from tests.simulators.azure.native.roles import ROLES, RoleModel
from tests.simulators.azure.resources import COMPUTE, GALLERIES, GROUPS, STORAGE
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.sdk import Shape
from tests.simulators.pulumi.values import Properties

_GROUP = "resourceGroups/{resourceGroupName}"
_GALLERY = f"{_GROUP}/providers/Microsoft.Compute/galleries/{{galleryName}}"
_ACCOUNT = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}"

# What Packer, the bakery and servers see too; the store keeps the rest.
KINDS: dict[str, Kind] = {
    "azure-native:resources:ResourceGroup": Kind(GROUPS, _GROUP),
    "azure-native:compute:Image": Kind(
        COMPUTE, f"{_GROUP}/providers/Microsoft.Compute/images/{{imageName}}"
    ),
    "azure-native:compute:Gallery": Kind(GALLERIES, _GALLERY),
    "azure-native:compute:GalleryImage": Kind(GALLERIES, f"{_GALLERY}/images/{{galleryImageName}}"),
    "azure-native:compute:GalleryImageVersion": Kind(
        GALLERIES,
        f"{_GALLERY}/images/{{galleryImageName}}/versions/{{galleryImageVersionName}}",
        expand="ReplicationStatus",
    ),
    "azure-native:storage:StorageAccount": Kind(
        STORAGE, _ACCOUNT, {"enableHttpsTrafficOnly": "supportsHttpsTrafficOnly"}
    ),
    "azure-native:storage:BlobContainer": Kind(
        STORAGE, f"{_ACCOUNT}/blobServices/default/containers/{{containerName}}"
    ),
}
# Ids of those that only the store keeps, in words of inputs.
STORED = {
    "azure-native:storage:BlobServiceProperties": f"{_ACCOUNT}/blobServices/default",
    "azure-native:storage:ManagementPolicy": f"{_ACCOUNT}/managementPolicies/default",
}


class AzureNative(Cloud):
    def __init__(self) -> None:
        super().__init__("azure-native")
        self.calls = Calls()

    def configure(self, config: Properties) -> None:
        super().configure(config)
        self.calls.configure(config)

    def model(self, kind: str) -> Model | None:
        if kind in ROLES:
            return RoleModel(ROLES[kind], self.calls)
        return AzureModel(KINDS[kind], self.calls) if kind in KINDS else None

    def rules(self, kind: str) -> Rules:
        if kind in KINDS:
            return KINDS[kind].rules
        if kind in ROLES:
            return ROLES[kind].rules
        return replaced_by("resourceGroupName", "accountName", "location")

    def comparable(self, kind: str, inputs: Properties, outputs: Properties) -> Properties:
        """Azure fills in what it was not told, and spells regions in two ways."""
        return {
            name: value if name == "tags" else _narrowed(inputs.get(name, value), value)
            for name, value in outputs.items()
        }

    def planned(self, shape: Shape, inputs: Properties, state: Properties) -> Properties:
        return planned(shape.outputs, inputs, state)

    def identify(self, kind: str, name: str, inputs: Properties) -> str:
        if kind in STORED:
            path = STORED[kind].format(**inputs)
            return f"/subscriptions/{self.calls.subscription}/{path}"
        return super().identify(kind, name, inputs)

    def computed(self, kind: str, id: str, inputs: Properties) -> Properties:
        return {"name": id.rpartition("/")[2]}

    def invoke(self, token: str, args: Properties) -> Properties:
        if token == "azure-native:authorization:getClientConfig":
            return self._client_config()
        kind = KINDS.get(token.replace(":get", ":"))
        if kind is None:
            return super().invoke(token, args)
        id = kind.id(self.calls.subscription, args)
        query = {f"${name}": args[name] for name in ("expand", "select") if name in args}
        try:
            found = self.calls.call("GET", id, **{"api-version": kind.version, **query})
        except Absent as error:
            raise CloudError(str(error)) from None
        return {**kind.outputs(id, found), "id": found["id"]}

    def _client_config(self) -> Properties:
        client = self.calls.client
        try:
            found = self.calls.call("GET", f"/v1.0/servicePrincipals(appId='{client}')")
        except Absent as error:
            raise CloudError(str(error)) from None
        return {
            "clientId": client,
            "objectId": found["id"],
            "subscriptionId": self.calls.subscription,
            "tenantId": self.calls.tenant,
        }


def _narrowed(given: Any, found: Any) -> Any:
    """What is found, as far as it was given."""
    if isinstance(given, dict) and isinstance(found, dict):
        return {
            name: _narrowed(value, found[name]) for name, value in given.items() if name in found
        }
    if isinstance(given, list) and isinstance(found, list) and len(given) == len(found):
        return [_narrowed(*pair) for pair in zip(given, found, strict=True)]
    if isinstance(given, str) and isinstance(found, str) and _plain(given) == _plain(found):
        return given
    return found


def _plain(text: str) -> str:
    return text.replace(" ", "").lower()


CLOUD = AzureNative()
