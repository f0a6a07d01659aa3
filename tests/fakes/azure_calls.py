"""How the fake Packer talks to a simulated Azure: as a service principal, by secret."""

import json
import os
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

#: How the template's variable of that name is given to Packer.
SECRET = "PKR_VAR_client_secret"
GROUPS, IMAGES, DISKS = "2025-04-01", "2026-04-01", "2026-03-02"


class Azure:
    """The groups of a template's variables. Trusts what SSL_CERT_FILE says."""

    def __init__(self, variables: dict[str, Any]) -> None:
        self._endpoint = variables["endpoint"]
        self._subscription = f"/subscriptions/{variables['subscription']}"
        groups = f"{self._subscription}/resourceGroups"
        self._group = f"{groups}/{variables['group']}"
        self._build_group = f"{groups}/{variables['build_group']}"
        form = {
            "grant_type": "client_credentials",
            "client_id": variables["client_id"],
            # Not among the variables, which are in a file.
            "client_secret": os.environ.get(SECRET, ""),
            "scope": f"{self._endpoint}/.default",
        }
        url = f"{self._endpoint}/{variables['tenant']}/oauth2/v2.0/token"
        answer, _ = _send(urllib.request.Request(url, urlencode(form).encode()))
        self._headers = {"Authorization": f"Bearer {answer['access_token']}"}

    def location(self) -> str:
        """Where the builder makes everything: where the group of builds is. That of content only
        has to be there (packer-plugin-azure 2.6.3, builder.go)."""
        for group in (self._group, self._build_group):
            found = self._call("GET", f"{self._endpoint}{group}?api-version={GROUPS}")
        return found["location"]

    def id(self, kind: str, name: str) -> str:
        group = self._build_group if kind == "disks" else self._group
        return f"{group}/providers/Microsoft.Compute/{kind}/{name}"

    def source(self, variables: dict[str, Any]) -> str:
        """The id of what a machine starts from."""
        if variables["source_image"]:
            return self.id("images", variables["source_image"])
        location = self.location()
        return (
            f"{self._subscription}/Providers/Microsoft.Compute/Locations/{location}"
            f"/Publishers/{variables['source_publisher']}/ArtifactTypes/VMImage"
            f"/Offers/{variables['source_offer']}/Skus/{variables['source_sku']}"
            f"/Versions/{variables['source_version']}"
        )

    def names(self, kind: str, version: str) -> list[str]:
        """Of all resources of a kind."""
        found: list[str] = []
        url = f"{self._endpoint}{self.id(kind, '').rstrip('/')}?api-version={version}"
        while url:
            answer = self._call("GET", url)
            found += [one["name"] for one in answer["value"]]
            url = answer.get("nextLink", "")
        return found

    def make(self, id: str, version: str, tags: dict[str, str], properties: Any) -> None:
        body = {"location": self.location(), "tags": tags, "properties": properties}
        self._call("PUT", f"{self._endpoint}{id}?api-version={version}", body)

    def remove(self, id: str, version: str) -> None:
        self._call("DELETE", f"{self._endpoint}{id}?api-version={version}")

    def _call(self, method: str, url: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        answer, headers = _send(urllib.request.Request(url, data, self._headers, method=method))
        if operation := headers.get("Azure-AsyncOperation"):
            self._await(operation)
        return answer

    def _await(self, operation: str) -> None:
        while True:
            answer = self._call("GET", operation)
            if answer["status"] == "Failed":
                raise SystemExit(f"Error: {answer['error']['message']}")
            if answer["status"] == "Succeeded":
                return
            time.sleep(0.02)


def _send(request: urllib.request.Request) -> tuple[dict[str, Any], Any]:
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}"), answer.headers
    except urllib.error.HTTPError as error:
        raise SystemExit(f"Error: {error.read().decode()}") from None
