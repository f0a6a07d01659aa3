"""A registry that shows tags to everyone who has fetched a token, as Docker Hub does.

Sources: OCI Distribution Specification, "Pulling manifests"; Docker's "Token Authentication
Specification", for the challenge of the first answer.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

_MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<tag>[^/]+)")


class DockerRegistry:
    """Digests by `name:tag`."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(registry: DockerRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """A token for the scope that was asked for."""
            query = parse_qs(urlsplit(self.path).query)
            body = json.dumps({"token": f"for {query['scope'][0]}"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            """A manifest's digest, of the index of all architectures."""
            found = _MANIFEST.fullmatch(self.path)
            assert found
            scope = f"repository:{found['name']}:pull"
            if self.headers.get("Authorization") != f"Bearer for {scope}":
                self.send_response(401)
                challenge = (
                    f'Bearer realm="http://{registry.host}/token",service="x",scope="{scope}"'
                )
                self.send_header("WWW-Authenticate", challenge)
            elif digest := registry.digests.get(f"{found['name']}:{found['tag']}"):
                accepted = "image.index" in (self.headers.get("Accept") or "")
                self.send_response(200 if accepted else 406)
                self.send_header("Docker-Content-Digest", digest)
            else:
                self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler
