"""Who the bakery is on Azure: by secret, by a workflow, by `az`; known at last, or never."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bakery.azure import effective
from bakery.azure.adapter import Azure
from bakery.azure.identity import Identity
from bakery.packer.transient import transient_sign
from bakery.progress import Progress
from images.errors import BakeryError
from tests.fakes.azure_jobs import GROUP, job, target
from tests.fakes.bake_jobs import BAKE, OLD_PACKER
from tests.simulators.azure.login import EXPIRED, EXPIRED_SECRET, PERSON, SECRET
from tests.simulators.azure.roles import BLOB_CONTRIBUTOR, OWNER
from tests.simulators.azure.shapes import SUBSCRIPTION, Refused
from tests.simulators.azure.subscription import AzureSubscription

pytestmark = pytest.mark.unit

WORKFLOW = {
    "AZURE_CLIENT_ID": PERSON,
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://vouch.example/?run=1",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-run",
}


@pytest.fixture(autouse=True)
def nobody(subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)


def use(monkeypatch: pytest.MonkeyPatch, client: str, secret: str) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", client)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", secret)


@pytest.mark.parametrize("prefix", ["AZURE", "ARM"])
def test_secret_goes_to_packer_by_its_environment_only(prefix: str) -> None:
    who = Identity.of({f"{prefix}_CLIENT_ID": "me", f"{prefix}_CLIENT_SECRET": "s3cret"})
    assert who.by_secret
    assert who.packer() == {"PKR_VAR_client_secret": "s3cret"}


def test_workflow_is_vouched_for_without_a_secret() -> None:
    who = Identity.of(WORKFLOW)
    assert (who.by_secret, who.by_workflow) == (False, True)
    assert who.packer() == {
        "PKR_VAR_oidc_request_url": "https://vouch.example/?run=1",
        "PKR_VAR_oidc_request_token": "of-this-run",
    }
    assert Identity.of({}).packer() == {}


@pytest.fixture
def github() -> Iterator[str]:
    """The address at which GitHub vouches for a run."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            fits = self.headers["Authorization"] == "Bearer of-this-run"
            fits = fits and self.path.endswith("audience=api%3A%2F%2FAzureADTokenExchange")
            text = json.dumps({"value": "vouched" if fits else "not vouched"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/?run=1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_azure_takes_githubs_word(
    subscription: AzureSubscription, github: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**WORKFLOW, "ACTIONS_ID_TOKEN_REQUEST_URL": github}.items():
        monkeypatch.setenv(name, value)
    subscription.api.login.assertions[PERSON] = {"vouched"}
    assert Azure(target(subscription), "test", Progress()).find(BAKE) is None


def test_no_credentials(subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        BakeryError, match=r"there are no credentials for Azure \(.*\); run `az login`"
    ):
        Azure(target(subscription), "test", Progress()).find(BAKE)


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("wrong", "Azure does not accept these credentials.*AADSTS7000215"),
        (EXPIRED_SECRET, "the client secret has expired.*`pulumi up` makes a new one"),
        (EXPIRED, "Azure does not accept these credentials"),
    ],
)
def test_credentials_that_do_not_work(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch, secret: str, words: str
) -> None:
    use(monkeypatch, PERSON, secret)
    with pytest.raises(BakeryError, match=words):
        Azure(target(subscription), "test", Progress()).find(BAKE)


# A service principal that was made a moment ago


def principal(subscription: AzureSubscription) -> str:
    """One that the directory knows, with the secret of the person's and all rights."""
    subscription.api.login.clients["fresh"] = {SECRET}
    subscription.api.login.objects["fresh"] = "fresh"
    for role in (OWNER, BLOB_CONTRIBUTOR):
        subscription.api.arm.roles.grant("fresh", role, f"/subscriptions/{SUBSCRIPTION}")
    return "fresh"


def test_new_principal_is_waited_for(
    subscription: AzureSubscription,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(effective, "_LONGEST_PAUSE", 0.05)
    use(monkeypatch, principal(subscription), SECRET)
    subscription.api.login.unknown_for = 3
    adapter = Azure(target(subscription, fresh_identity=True), "test", Progress())
    assert adapter.find(BAKE) is None
    assert capsys.readouterr().err.count("does not know everywhere yet who may bake") == 1


def test_roles_that_are_not_everywhere_yet_are_waited_for(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effective, "_LONGEST_PAUSE", 0.05)
    use(monkeypatch, PERSON, SECRET)
    refusal = Refused(403, "AuthorizationFailed", "does not have authorization")
    subscription.api.refusals += [("GET", GROUP, refusal), ("GET", GROUP, refusal)]
    found = target(subscription, fresh_identity=True)
    Azure(found, "test", Progress()).preflight(job(found), OLD_PACKER)
    assert subscription.api.refusals == []


def test_nobody_waits_for_roles_that_the_stack_does_not_give(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, PERSON, SECRET)
    refusal = Refused(403, "AuthorizationFailed", "does not have authorization")
    subscription.api.refusals += [("GET", BAKE, refusal), ("GET", BAKE, refusal)]
    with pytest.raises(BakeryError, match="these credentials may not do this"):
        Azure(target(subscription), "test", Progress()).find(BAKE)
    assert len(subscription.api.refusals) == 1, "asked once"


def test_id_and_secret_are_of_one_family() -> None:
    mixed = {"ARM_CLIENT_ID": "me", "AZURE_CLIENT_ID": "other", "AZURE_CLIENT_SECRET": "others"}
    assert Identity.of(mixed).packer() == {}
    assert Identity.of(mixed).by_cli
    both = {**mixed, "ARM_CLIENT_SECRET": "mine"}
    assert Identity.of(both).client == "me", "as Pulumi acts, whatever is exported besides"
    assert Identity.of(both).packer() == {"PKR_VAR_client_secret": "mine"}


def test_patience_with_a_new_principal_ends(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effective, "_LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(effective, "_PATIENCE", 0.2)
    use(monkeypatch, "never-made", SECRET)
    with pytest.raises(BakeryError, match="AADSTS700016"):
        Azure(target(subscription, fresh_identity=True), "test", Progress())


def test_packer_is_tried_again_with_a_new_principal_but_not_with_an_old_secret() -> None:
    assert transient_sign("AADSTS700016: Application with identifier 'x' was not found")
    assert transient_sign("AADSTS7000222: The provided client secret keys are expired") is None
