"""Downloads are what they should be, or they are not there."""

import functools
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.downloads import answers, fetch
from tools.errors import SetupError, Unavailable

pytestmark = pytest.mark.unit

CONTENT = b"a release" * 1000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.send_error(405)

    def do_GET(self) -> None:
        if self.path == "/v2/":
            self.send_error(401)
        else:
            super().do_GET()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "tool.zip").write_bytes(CONTENT)
    handler = functools.partial(Quiet, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_expected_content_arrives(site: str, tmp_path: Path) -> None:
    target = tmp_path / "downloads" / "tool.zip"
    fetch(f"{site}/tool.zip", CHECKSUM, target)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_other_content_is_an_error_and_leaves_no_file(site: str, tmp_path: Path) -> None:
    target = tmp_path / "downloads" / "tool.zip"
    with pytest.raises(SetupError, match="is not what it should be") as caught:
        fetch(f"{site}/tool.zip", "0" * 64, target)
    assert CHECKSUM in str(caught.value)
    assert list(target.parent.iterdir()) == []


def test_other_content_does_not_replace_a_good_file(site: str, tmp_path: Path) -> None:
    target = tmp_path / "tool.zip"
    target.write_bytes(b"good")
    with pytest.raises(SetupError):
        fetch(f"{site}/tool.zip", "0" * 64, target)
    assert target.read_bytes() == b"good"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/tool.zip", "{site}/absent.zip"])
def test_what_cannot_be_reached_opens_the_next_way(site: str, tmp_path: Path, address: str) -> None:
    target = tmp_path / "downloads" / "tool.zip"
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
        fetch(address.format(site=site), CHECKSUM, target)
    assert list(target.parent.iterdir()) == []


def test_a_registry_that_wants_a_login_answers(site: str) -> None:
    assert answers(f"{site}/v2/")
    assert not answers(f"{site}/absent")
    assert not answers("http://127.0.0.1:9/v2/")
