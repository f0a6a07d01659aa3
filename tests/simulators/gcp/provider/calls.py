"""HTTP calls to the project, at the addresses that the provider is given."""

import json
import os
import urllib.error
import urllib.request
from typing import Any

from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.values import Properties

#: The token of a session that has ended.
EXPIRED = "EXPIRED"


def _token(config: Properties) -> str:
    return config.get("accessToken") or os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "")


class Calls:
    def __init__(self) -> None:
        self.project = ""
        self._config: Properties = {}
        self._token = ""

    def configure(self, config: Properties) -> None:
        self._config = config
        self.project = config.get("project", "")
        self._token = _token(config)

    @staticmethod
    def look_for_credentials(config: Properties) -> None:
        """Raises CloudError before there is a provider: what there is must be found, not be valid.

        pulumi-gcp, provider/resources.go, `preConfigureCallbackWithLogger`, over
        terraform-provider-google, google/transport/config.go, `LoadAndValidate`; Pulumi's Terraform
        bridge runs it in `CheckConfig` (pkg/tfbridge/provider.go).
        """
        if not _token(config):
            raise CloudError(
                "failed to load application credentials. google: could not find default credentials"
            )

    def compute(self, method: str, path: str, body: Any = None) -> Properties:
        return self.call("compute", method, f"projects/{self.project}/{path}", body)

    def call(self, service: str, method: str, path: str, body: Any = None) -> Properties:
        """Raises Absent, and CloudError as the provider words it."""
        if self._token == EXPIRED:
            raise CloudError("oauth2: cannot fetch token: the token has been expired or revoked")
        address = self._config.get(f"{service}CustomEndpoint")
        if not address:
            raise CloudError(f"no endpoint of {service}: the simulated gcp reaches no real one")
        request = urllib.request.Request(
            address + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            details = json.load(error)["error"]
            if error.code == 404:
                raise Absent(details["message"]) from None
            reason = details["errors"][0]["reason"]
            raise CloudError(
                f"googleapi: Error {error.code}: {details['message']}, {reason}"
            ) from None
