"""A port that was found free stays free until its server comes."""

import http.server
import socket

import pytest

from images import ports

pytestmark = pytest.mark.unit


def test_only_the_server_gets_the_port() -> None:
    holder, port = ports.reserve()
    with holder, socket.socket() as stranger:
        with pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
        server = http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler)
        with server, socket.create_connection(("127.0.0.1", port)):
            pass


def test_port_is_given_back() -> None:
    holder, port = ports.reserve()
    holder.close()
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
