"""Entra ID's endpoint of tokens, for clients that have a secret or a token of elsewhere."""

import base64
import json
import secrets
import time
import uuid
from urllib.parse import parse_qsl

from tests.simulators.azure.shapes import (
    TENANT,
    Answer,
    Headers,
    Json,
    Refused,
    Request,
    check_query,
)

#: Who runs the tests.
PERSON = "a1f4c9d2-3b6e-4a58-9c7d-0e1f2a3b4c5d"
PERSON_OBJECT = "b2e5d0c3-4c7f-4b69-8d8e-1f2a3b4c5d6e"
SECRET, OTHER_SECRET = "testing", "tomorrow's"
#: Refused when a token is asked for.
EXPIRED_SECRET = "yesterday's"
#: Gives a token that is refused wherever it is shown.
EXPIRED = "EXPIRED"

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CLIENT = {
    *("grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"),
    *("client_info", "claims"),
}


class LoginRefused(Refused):
    """As Entra ID words it."""

    def __init__(self, status: int, error: str, number: int, message: str) -> None:
        super().__init__(status, error, f"AADSTS{number}: {message}")
        self._number = number

    def answer(self) -> Answer:
        body: Json = {"error": self.code, "error_description": str(self)}
        return Answer({**body, "error_codes": [self._number]}, self.status)


class Login:
    def __init__(self, address: str) -> None:
        self._address = address
        #: Client to its valid secrets.
        self.clients: dict[str, set[str]] = {PERSON: {SECRET, OTHER_SECRET, EXPIRED}}
        #: Client to the tokens of elsewhere that are taken from it.
        self.assertions: dict[str, set[str]] = {}
        #: Client to the object id of its service principal.
        self.objects: dict[str, str] = {PERSON: PERSON_OBJECT}
        #: Clients without a service principal.
        self.without_principal: set[str] = set()
        self.expired: set[str] = {EXPIRED_SECRET}
        #: How many requests of clients that Graph made are still to be told that there are none.
        self.unknown_for = 0
        #: Token to its client and what that had shown.
        self._tokens: dict[str, tuple[str, str]] = {}

    def call(self, tenant: str, rest: str, request: Request) -> Answer:
        if (request.method, tenant, rest) == ("GET", "common", "discovery/instance"):
            check_query(request, {"api-version", "authorization_endpoint"})
            return Answer(self._instance(request.headers.get("Host") or ""))
        if tenant != TENANT:
            message = f"Tenant '{tenant}' not found. Check to make sure you have the correct one."
            raise LoginRefused(400, "invalid_request", 90002, message)
        # The older endpoint of tokens, which Packer of old asks, is for one resource.
        old = rest == "oauth2/token"
        check_query(request, {"api-version"} if old else ())
        match request.method, rest:
            case "GET", "v2.0/.well-known/openid-configuration":
                return Answer(self._endpoints())
            case "POST", "oauth2/v2.0/token":
                return Answer(self._token(dict(parse_qsl(request.body.decode())), "scope"))
            case "POST", "oauth2/token":
                form = dict(parse_qsl(request.body.decode()))
                return Answer(_as_of_old(self._token(form, "resource"), form["resource"]))
            case _:
                raise Refused(404, "not_found", f"Entra ID has no {request.method} {rest} here")

    def client_of(self, headers: Headers) -> str:
        """Whose token comes with a request."""
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in self._tokens:
            message = "The access token is invalid." if token else "The access token is missing."
            raise Refused(401, "InvalidAuthenticationToken", message)
        client, shown = self._tokens[token]
        if shown == EXPIRED:
            message = "The access token expiry UTC time is earlier than current UTC time."
            raise Refused(401, "ExpiredAuthenticationToken", message)
        return client

    def _instance(self, host: str) -> Json:
        """Which names a login server has."""
        endpoint = f"{self._address}/common/v2.0/.well-known/openid-configuration"
        names = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        return {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": [names]}

    def _endpoints(self) -> Json:
        own = f"{self._address}/{TENANT}"
        return {
            "issuer": f"{own}/v2.0",
            "authorization_endpoint": f"{own}/oauth2/v2.0/authorize",
            "token_endpoint": f"{own}/oauth2/v2.0/token",
        }

    def _token(self, form: dict[str, str], what: str) -> Json:
        """For what is wanted in this field of the form."""
        if wrong := sorted(set(form) - {*_CLIENT, what}):
            raise LoginRefused(400, "invalid_request", 900144, f"not known here: {wrong}")
        if form.get("grant_type") != "client_credentials" or not form.get(what):
            message = f"The request body must contain 'client_credentials' and a '{what}'."
            raise LoginRefused(400, "invalid_request", 900144, message)
        client = form.get("client_id", "")
        self._check_client(client)
        shown = self._check_shown(client, form)
        object_id = self.objects.setdefault(client, str(uuid.uuid4()))
        token = _signed({"appid": client, "oid": object_id, "tid": TENANT})
        self._tokens[token] = client, shown
        return {
            "token_type": "Bearer",
            "expires_in": 3599,
            "ext_expires_in": 3599,
            "access_token": token,
        }

    def _check_client(self, client: str) -> None:
        hidden = client != PERSON and self.unknown_for > 0
        self.unknown_for -= hidden
        if hidden or client not in self.clients:
            message = f"Application with identifier '{client}' was not found in the directory 'x'."
            raise LoginRefused(400, "unauthorized_client", 700016, message)
        if client in self.without_principal:
            message = f"The client application {client} is missing service principal in the tenant."
            raise LoginRefused(401, "invalid_client", 7000229, message)

    def _check_shown(self, client: str, form: dict[str, str]) -> str:
        if "client_assertion" in form:
            shown = form["client_assertion"]
            right = form.get("client_assertion_type") == _ASSERTION
            if not right or shown not in self.assertions.get(client, set()):
                message = "No matching federated identity record found for presented assertion."
                raise LoginRefused(401, "invalid_client", 700213, message)
            return shown
        shown = form.get("client_secret", "")
        if shown in self.expired:
            message = f"The provided client secret keys for app '{client}' are expired."
            raise LoginRefused(401, "invalid_client", 7000222, message)
        if shown not in self.clients[client]:
            message = f"Invalid client secret provided for app '{client}'."
            raise LoginRefused(401, "invalid_client", 7000215, message)
        return shown


def _as_of_old(token: Json, resource: str) -> Json:
    """With times beside durations, all as texts: whoever misses the end asks before each call."""
    now = int(time.time())
    times = {"not_before": now - 300, "expires_on": now + token["expires_in"]}
    numbers = {key: token[key] for key in ("expires_in", "ext_expires_in")} | times
    return {**token, **{key: str(numbers[key]) for key in numbers}, "resource": resource}


def _signed(claims: Json) -> str:
    """A JSON Web Token, whose signature is not one."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    parts = [json.dumps(one).encode() for one in ({"alg": "RS256", "typ": "JWT"}, claims)]
    return ".".join(map(part, (*parts, secrets.token_bytes(24))))
