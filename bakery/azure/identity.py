"""Who the environment says we are: the same for this program's own calls and for Packer's."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from azure.core.credentials import TokenCredential
from azure.identity import AzureCliCredential, ClientAssertionCredential, ClientSecretCredential

from images.azure import AzureSubscription

#: For whom GitHub's token is meant ("Workload identity federation", Microsoft Entra ID).
_AUDIENCE = "api://AzureADTokenExchange"
_SECONDS = 30
_CLI_SECONDS = 60


@dataclass(frozen=True)
class Identity:
    """A service principal by secret or by a workflow's token; with neither, whoever `az` knows."""

    client: str
    secret: str
    request_url: str
    request_token: str

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Identity":
        """Makes one from the environment: the variables of Pulumi's provider, so that whoever
        publishes bakes too, or else those of Azure's libraries.
        """
        family = "ARM" if environment.get("ARM_CLIENT_ID") else "AZURE"
        return cls(
            client=environment.get(f"{family}_CLIENT_ID", ""),
            secret=environment.get(f"{family}_CLIENT_SECRET", ""),
            request_url=environment.get("ACTIONS_ID_TOKEN_REQUEST_URL", ""),
            request_token=environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""),
        )

    @property
    def by_secret(self) -> bool:
        """Whether a service principal's secret is there."""
        return bool(self.client and self.secret)

    @property
    def by_workflow(self) -> bool:
        """Whether GitHub vouches for a service principal."""
        return bool(self.client and self.request_url and self.request_token and not self.secret)

    @property
    def by_cli(self) -> bool:
        """Whether it is up to whoever has logged in."""
        return not (self.by_secret or self.by_workflow)

    def credential(self, of: AzureSubscription) -> TokenCredential:
        """Return the credential for Azure's clients."""
        if self.by_cli:
            return AzureCliCredential(tenant_id=of.tenant, process_timeout=_CLI_SECONDS)
        # Microsoft's directory of login servers knows none of one's own.
        where = (
            {"authority": of.endpoint, "disable_instance_discovery": True} if of.endpoint else {}
        )
        if self.by_secret:
            return ClientSecretCredential(of.tenant, self.client, self.secret, **where)
        return ClientAssertionCredential(of.tenant, self.client, self._token, **where)

    def packer(self) -> dict[str, str]:
        """Variables of the template, for Packer's environment: no file and no command line."""
        secret = {"client_secret": self.secret} if self.by_secret else {}
        workflow = (
            {"oidc_request_url": self.request_url, "oidc_request_token": self.request_token}
            if self.by_workflow
            else {}
        )
        return {f"PKR_VAR_{name}": value for name, value in {**secret, **workflow}.items()}

    def _token(self) -> str:
        answer = requests.get(
            self.request_url,
            params={"audience": _AUDIENCE},
            headers={"Authorization": f"Bearer {self.request_token}"},
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["value"])
