"""Ports of this machine for servers that others have to know before they run."""

import socket


def reserve() -> tuple[socket.socket, int]:
    """A loopback port that is nobody else's while the socket is open.

    The socket never listens, and whoever sets SO_REUSEADDR, as servers do, may listen beside it.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port: int = holder.getsockname()[1]
    return holder, port
