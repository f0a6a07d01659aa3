"""Who may change what in the simulated directory."""

import json
from typing import Any

import pytest

from tests.simulators.azure.graph import Graph
from tests.simulators.azure.login import PERSON_OBJECT, Login
from tests.simulators.azure.shapes import Refused, Request

pytestmark = pytest.mark.unit

OTHER = "c3f6e1d4-5d80-4c7a-9e9f-2a3b4c5d6e7f"
TRUST = {"name": "github", "issuer": "https://x", "subject": "s", "audiences": ["a"]}


@pytest.fixture
def graph() -> Graph:
    return Graph(Login("https://azure.example"))


def ask(graph: Graph, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = Request(method, f"/v1.0{path}", body=json.dumps(body or {}).encode())
    return graph.call(request, who).body


def test_who_registers_an_application_owns_it_until_he_is_taken_off(graph: Graph) -> None:
    made = ask(graph, PERSON_OBJECT, "POST", "/applications", {"displayName": "a"})
    app = f"/applications/{made['id']}"
    writes: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", app, {"displayName": "b"}),
        ("POST", f"{app}/addPassword", {}),
        ("POST", f"{app}/federatedIdentityCredentials", TRUST),
        ("POST", "/servicePrincipals", {"appId": made["appId"]}),
        ("POST", f"{app}/owners/$ref", {"@odata.id": f"https://x/directoryObjects/{OTHER}"}),
        ("DELETE", app, {}),
    ]
    assert ask(graph, OTHER, "GET", f"{app}/owners") == {"value": [{"id": PERSON_OBJECT}]}
    ask(graph, PERSON_OBJECT, "DELETE", f"{app}/owners/{PERSON_OBJECT}/$ref")
    for method, path, body in writes:
        with pytest.raises(Refused, match="Insufficient privileges") as refused:
            ask(graph, PERSON_OBJECT, method, path, body)
        assert (refused.value.status, refused.value.code) == (403, "Authorization_RequestDenied")
    graph.owners.administrators.add(OTHER)
    for method, path, body in writes:
        ask(graph, OTHER, method, path, body)
    assert graph.applications == {}


def test_owners_are_no_property(graph: Graph) -> None:
    links = [f"https://x/directoryObjects/{id}" for id in (PERSON_OBJECT, OTHER)]
    body = {"displayName": "a", "owners@odata.bind": links}
    made = ask(graph, PERSON_OBJECT, "POST", "/applications", body)
    assert graph.owners.of(made["id"]) == [PERSON_OBJECT, OTHER]
    assert not any("owners" in name for name in made)
    body = {"appId": made["appId"], "owners@odata.bind": links[:1]}
    principal = ask(graph, OTHER, "POST", "/servicePrincipals", body)
    assert graph.owners.of(principal["id"]) == [OTHER, PERSON_OBJECT]
