"""The simulated Entra ID as the simulator asks for it."""

import uuid

from tests.simulators.azure.azuread.models import (
    Application,
    ApplicationPassword,
    DirectoryModel,
    Guarded,
    ServicePrincipal,
)
from tests.simulators.azure.native.calls import Calls
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

# What logs in; the store keeps the rest.
MODELS: dict[str, type[DirectoryModel]] = {
    "azuread:index/application:Application": Application,
    "azuread:index/applicationPassword:ApplicationPassword": ApplicationPassword,
    "azuread:index/servicePrincipal:ServicePrincipal": ServicePrincipal,
}
FEDERATED = (
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
)


class AzureAd(Cloud):
    def __init__(self) -> None:
        super().__init__("azuread")
        self.calls = Calls()

    def configure(self, config: Properties) -> None:
        super().configure(config)
        self.calls.configure(config)

    def model(self, kind: str) -> Model | None:
        return Guarded(MODELS[kind](self.calls)) if kind in MODELS else None

    def rules(self, kind: str) -> Rules:
        if kind in MODELS:
            return MODELS[kind].rules
        return replaced_by("applicationId", "displayName") if kind == FEDERATED else Rules()

    def identify(self, kind: str, name: str, inputs: Properties) -> str:
        if kind == FEDERATED:
            application = inputs["applicationId"].rpartition("/")[2]
            return f"{application}/federatedIdentityCredential/{uuid.uuid4()}"
        return super().identify(kind, name, inputs)

    def computed(self, kind: str, id: str, inputs: Properties) -> Properties:
        return {"credentialId": id.rpartition("/")[2]} if kind == FEDERATED else {}


CLOUD = AzureAd()
