"""HTTPS calls to the subscription, at the addresses that the provider is given."""

import base64
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.values import Properties

_NO_LOGIN = (
    "no valid credentials: AzureCLICredential: ERROR: Please run 'az login' to setup account."
)


class Failed(CloudError):
    """What was begun has not come to a good end."""


class Calls:
    """`Configure` does not log in: as with the real providers, the first call does."""

    def __init__(self) -> None:
        self.client = ""
        self.tenant = ""
        self.subscription = ""
        self._secret = ""
        self._host = ""
        self._token = ""

    def configure(self, config: Properties) -> None:
        def given(name: str, variable: str) -> str:
            return config.get(name) or os.environ.get(variable, "")

        self.client = given("clientId", "ARM_CLIENT_ID")
        self.tenant = given("tenantId", "ARM_TENANT_ID")
        self.subscription = given("subscriptionId", "ARM_SUBSCRIPTION_ID")
        self._secret = given("clientSecret", "ARM_CLIENT_SECRET")
        self._host = config.get("metadataHost", "")
        if not (self.client and self._secret and self.tenant):
            raise CloudError(_NO_LOGIN)

    @property
    def caller(self) -> str:
        """The object that calls, as its token says."""
        self._token = self._token or self._log_in()
        claims = self._token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"]

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Properties:
        """The answer, once what it begins is over. Raises Absent, Failed and CloudError."""
        text = f"?{urlencode(query)}" if query else ""
        answer, headers = self._send(method, f"{self._address}{path}{text}", body)
        if "Azure-AsyncOperation" in headers:
            self._await(headers["Azure-AsyncOperation"])
        elif "Location" in headers:
            self._await(headers["Location"])
        return answer

    def _await(self, url: str) -> None:
        while True:
            answer, headers = self._send("GET", url)
            match answer.get("status"):
                case "InProgress":
                    time.sleep(int(headers.get("retry-after-ms", "20")) / 1000)
                case "Failed":
                    error = answer["error"]
                    raise Failed(f'Code="{error["code"]}" Message="{error["message"]}"')
                case _:
                    return

    @property
    def _address(self) -> str:
        if not self._host:
            raise CloudError("no metadataHost: the simulated Azure reaches no real one")
        return f"https://{self._host}"

    def _send(self, method: str, url: str, body: Any = None) -> tuple[Properties, Any]:
        self._token = self._token or self._log_in()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"{}"), answer.headers
        except urllib.error.HTTPError as error:
            details = json.load(error)["error"]
            # As the provider's PulumiAzcoreResponseError.Error does.
            words = f'Status={error.code} Code="{details["code"]}" Message="{details["message"]}"'
            if error.code == 404:
                raise Absent(words) from None
            raise CloudError(words) from None

    def _log_in(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client,
            "client_secret": self._secret,
            "scope": f"{self._address}/.default",
        }
        url = f"{self._address}/{self.tenant}/oauth2/v2.0/token"
        try:
            with urllib.request.urlopen(url, urlencode(form).encode(), timeout=30) as answer:
                return json.load(answer)["access_token"]
        except urllib.error.HTTPError as error:
            details = json.load(error)["error_description"]
            raise CloudError(
                f"ClientSecretCredential authentication failed. POST {url} "
                f"RESPONSE {error.code}: {error.reason} {details}"
            ) from None
