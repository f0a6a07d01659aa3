"""A project of Google Cloud for tests: an HTTP server with what is used of its APIs.

    with GcpProject() as project:
        project.images()

What Packer makes, what Pulumi's simulated provider makes and what Google's own clients list here
are one project. It knows few methods and few fields, and refuses all others by name.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.simulators.gcp.api import SOURCE, UBUNTU, Api, Refused

PROJECT = "some-project"


class GcpProject:
    def __init__(self) -> None:
        self.api = Api(PROJECT)
        #: Each request that came over HTTP: method, path, query, body.
        self.sent: list[tuple[str, str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reset(self) -> None:
        """Back to a project in which nothing was ever made."""
        self.api = Api(PROJECT)
        self.sent = []

    def images(self) -> dict[str, dict[str, Any]]:
        """The project's own, by name."""
        return self.api.images

    def add_image(self, name: str, **more: Any) -> None:
        """Somebody makes one of Ubuntu's, by hand."""
        source = f"projects/{UBUNTU}/global/images/{SOURCE}"
        body = json.dumps({"name": name, "sourceImage": source, **more}).encode()
        self.api.call("POST", f"/compute/v1/projects/{PROJECT}/global/images", {}, body)

    def objects(self, bucket: str) -> dict[str, str]:
        """The texts of a bucket, by key."""
        return self.api.buckets[bucket]["objects"]


def _handler(project: GcpProject) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            address = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(address.query).items()}
            project.sent.append((self.command, address.path, query, body))
            try:
                found = project.api.call(self.command, address.path, query, body)
                status = 200
            except Refused as error:
                found, status = error.answer(), error.status
            text = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler
