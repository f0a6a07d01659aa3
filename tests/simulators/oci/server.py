"""The server of a tenancy, and what leads to it."""

import configparser
import json
import tempfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.simulators.connect_proxy import ConnectProxy
from tests.simulators.https_server import HttpsServer
from tests.simulators.oci.hosts import is_served, names
from tests.simulators.oci.shapes import HOME, TENANCY, Answer, Refused, Request
from tests.simulators.oci.tenancy import REGIONS, Tenancy

USER = "ocid1.user.oc1..aaaaaaaauser"
FINGERPRINT = ":".join(["0a"] * 16)
#: Of a second key of the same user, to which the first one can be rotated.
OTHER_FINGERPRINT = ":".join(["0b"] * 16)


class OciTenancy:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="oci-")
        self.folder = Path(self._folder.name)
        self.ca_file = str(self.folder / "ca.pem")
        key = rsa.generate_private_key(65537, 2048)
        self._key = key.public_key()
        self.key_file = self._write_key(
            key, "key.pem", serialization.PrivateFormat.TraditionalOpenSSL
        )
        #: The same key as today's tools write it, which Packer 1.6.6 cannot read.
        self.new_key_file = self._write_key(key, "new.pem", serialization.PrivateFormat.PKCS8)
        self.api = self._as_new()
        self._server = HttpsServer(_handler(self), names(REGIONS), Path(self.ca_file))
        self._server.start()
        self.proxy = ConnectProxy(self._server.address, is_served)

    def __enter__(self) -> Self:
        self.proxy.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.__exit__()
        self._server.close()
        self._folder.cleanup()

    def reset(self) -> None:
        """Back to a tenancy in which nobody has made anything."""
        self.api = self._as_new()

    def env(self, **changes: str) -> dict[str, str]:
        """What leads a process here, as the tenancy's user; `changes` of the configuration file."""
        trusted = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        return {
            **dict.fromkeys(trusted, self.ca_file),
            **self.proxy.env,
            # Other simulated clouds are on this machine by its address.
            "NO_PROXY": "127.0.0.1",
            "OCI_CONFIG_FILE": str(self.config_file(**changes)),
        }

    def config_file(self, **changes: str) -> Path:
        """A new one, of the one user."""
        config = configparser.ConfigParser()
        config["DEFAULT"] = {
            "user": USER,
            "tenancy": TENANCY,
            "fingerprint": FINGERPRINT,
            "key_file": self.key_file,
            "region": HOME,
            **changes,
        }
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
            config.write(file)
        return Path(file.name)

    def _as_new(self) -> Tenancy:
        ids = (f"{TENANCY}/{USER}/{one}" for one in (FINGERPRINT, OTHER_FINGERPRINT))
        return Tenancy(dict.fromkeys(ids, self._key))

    def _write_key(
        self, key: rsa.RSAPrivateKey, name: str, form: serialization.PrivateFormat
    ) -> str:
        plain = serialization.NoEncryption()
        file = self.folder / name
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
        file.chmod(0o600)
        return str(file)


def _handler(tenancy: OciTenancy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            address = urlsplit(self.path)
            request = Request(
                method=self.command,
                host=self.headers.get("Host") or "",
                target=self.path,
                path=unquote(address.path),
                query=dict(parse_qsl(address.query, keep_blank_values=True)),
                headers=self.headers,
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            try:
                found = tenancy.api.call(request)
            except Refused as error:
                found = error.answer()
            self._send(found)

        def _send(self, found: Answer) -> None:
            text = found.body if isinstance(found.body, str) and _is_object(self.path) else None
            if text is None:
                text = "" if found.body is None else json.dumps(found.body)
            content = text.encode(errors="surrogateescape")
            self.send_response(found.status)
            headers = {"Content-Type": "application/json", "opc-request-id": "simulated"}
            size = int(found.headers.get("x-size", len(content)))
            for name, value in {**headers, **found.headers}.items():
                self.send_header(name, value)
            head = self.command == "HEAD"
            self.send_header("Content-Length", str(size if head else len(content)))
            self.end_headers()
            if not head:
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler


def _is_object(path: str) -> bool:
    return "/o/" in path
