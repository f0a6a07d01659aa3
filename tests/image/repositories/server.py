"""HTTP server for stub repositories and downloads, on a loopback port."""

import functools
import http.server
import io
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class _Handler(http.server.SimpleHTTPRequestHandler):
    def send_head(self) -> io.BytesIO | BinaryIO | None:
        # a repository may change twice in a second, which is what times in HTTP can tell apart
        del self.headers["If-Modified-Since"]
        return super().send_head()

    def log_message(self, format: str, *args: object) -> None:
        """Tests show what failed; a line for each request does not help."""


@contextmanager
def serve(folder: Path) -> Generator[str]:
    """Serve a folder; gives the URL of its root."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # asked every so many seconds whether to end: the end of each test waits for that
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
