"""The simulated Entra ID as the simulator asks for it."""

from tests.simulators.azure.azuread.directory import DirectoryModel
from tests.simulators.azure.azuread.models import (
    Application,
    ApplicationPassword,
    FederatedCredential,
    ServicePrincipal,
)
from tests.simulators.azure.native.calls import Calls
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.guarded import Guarded
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.values import Properties

# The store keeps the rest.
_TRUST = "applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
MODELS: dict[str, type[DirectoryModel]] = {
    "azuread:index/application:Application": Application,
    f"azuread:index/{_TRUST}": FederatedCredential,
    "azuread:index/applicationPassword:ApplicationPassword": ApplicationPassword,
    "azuread:index/servicePrincipal:ServicePrincipal": ServicePrincipal,
}


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
        return MODELS[kind].rules if kind in MODELS else Rules()


CLOUD = AzureAd()
