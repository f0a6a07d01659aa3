"""A proxy that leads to one simulated cloud whoever cannot be told another address of it.

It knows the names that it is given and refuses all others, so that nothing gets out.
"""

import re
import socket
import socketserver
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import urlsplit

_CONNECT = re.compile(rb"CONNECT (?P<name>[^\s:]+):443 HTTP/1\.[01]\r\n")
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
_CLOSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_CHUNK = 65536
_LONGEST_LINE = 4096


class ConnectProxy:
    """To the server at `address`, for the names that are served."""

    def __init__(self, address: str, is_served: Callable[[str], bool]) -> None:
        self.is_served = is_served
        there = urlsplit(address)
        assert there.hostname is not None
        assert there.port is not None
        self.there = there.hostname, there.port
        #: Names that were asked for and are none of the cloud's, and requests that are no CONNECT.
        self.refused: list[str] = []
        self.lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def env(self) -> dict[str, str]:
        """For processes without any other proxy's variables."""
        return {"HTTPS_PROXY": f"http://127.0.0.1:{self._server.server_address[1]}"}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _handler(proxy: ConnectProxy) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        # Nothing of what follows the head is read ahead.
        rbufsize = 0

        def handle(self) -> None:
            with suppress(OSError):
                line = self.rfile.readline(_LONGEST_LINE)
                while self.rfile.readline(_LONGEST_LINE).strip():
                    pass
                found = _CONNECT.fullmatch(line)
                if found is None or not proxy.is_served(found["name"].decode()):
                    with proxy.lock:
                        proxy.refused.append(line.decode(errors="replace").strip())
                    self.request.sendall(_CLOSED)
                    return
                with socket.create_connection(proxy.there) as server:
                    self.request.sendall(_OPEN)
                    _join(self.request, server)

    return Handler


def _join(one: Any, other: Any) -> None:
    """Until both have hung up."""
    back = Thread(target=_pass_on, args=(other, one), daemon=True)
    back.start()
    _pass_on(one, other)
    back.join()


def _pass_on(source: Any, sink: Any) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
