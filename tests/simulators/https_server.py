"""An HTTPS server in a thread, whose certificate is of an authority of its own."""

import ssl
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme


class HttpsServer:
    """Serves `names` on this machine until it is closed; `ca_file` is written for its clients."""

    def __init__(
        self, handler: type[BaseHTTPRequestHandler], names: Iterable[str], ca_file: Path
    ) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.socket = _tls(names, ca_file).wrap_socket(
            # The greeting is the business of each connection's own thread.
            self._server.socket,
            server_side=True,
            do_handshake_on_connect=False,
        )
        self.address = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is none."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _tls(names: Iterable[str], ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context
