"""What local images pre-pull where no public Docker registry answers: a tiny image of our own."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from images import ports
from images.host import Demo
from tools import apt, downloads
from tools.commands import foreign_path
from tools.errors import SetupError
from tools.layout import Layout
from tools.progress import Progress

_PUBLIC = "https://registry-1.docker.io/v2/"
_REPOSITORY = "factory-demo/hello"
_TAG = "1"
_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_START_SECONDS = 15


def _ensure_program(layout: Layout, progress: Progress) -> Path:
    """Debian's docker-registry; unpacked, as installing it would start a service on port 5000."""
    name = "docker-registry"
    if found := shutil.which(name, path=foreign_path(layout.links)):
        layout.unlink(name)
        return Path(found)
    program = layout.tools / name / "usr" / "bin" / name
    if not program.is_file():
        apt.unpack(name, layout.tools / name, layout.logs, progress)
    layout.link(program)
    return program


def ensure(known: Demo | None, remembered: bool, layout: Layout, progress: Progress) -> Demo | None:
    """`remembered` says that an earlier run settled the question, with `known` as the answer."""
    registry = _ensure_program(layout, progress)
    if remembered and (known is None or known.registry.is_dir()):
        text = "as configured" if known is None else f"the demonstration image {known.images[0]}"
        progress.say("pre-pull", text)
        return known
    if downloads.answers(_PUBLIC):
        progress.say("pre-pull", "a public Docker registry answers: images come as configured")
        return None
    progress.say(
        "pre-pull",
        "no public Docker registry answers, so the configured images cannot be pulled. Local "
        f"images get a tiny demonstration image instead ({_REPOSITORY}), from a registry on this "
        "machine",
    )
    layers = _layers(_busybox(layout, progress))
    digest = _store(registry, layout, *layers)
    demo = Demo(images=[f"{_REPOSITORY}:{_TAG}@{digest}"], registry=layout.registry)
    progress.say("pre-pull", demo.images[0])
    return demo


def _busybox(layout: Layout, progress: Progress) -> Path:
    folder = layout.tools / "busybox-static"
    # Debian and Ubuntu differ in where it lies.
    places = [folder / "bin" / "busybox", folder / "usr" / "bin" / "busybox"]
    if not any(place.is_file() for place in places):
        apt.unpack("busybox-static", folder, layout.logs, progress)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SetupError("package busybox-static has no bin/busybox")
    return found


def _layers(busybox: Path) -> tuple[bytes, bytes, bytes]:
    """Layer, configuration and manifest; no clock and no machine in it, so the digest is stable."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for folder in ("bin", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        content = busybox.read_bytes()
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode = len(content), 0o755
        archive.addfile(entry, io.BytesIO(content))
        for name in ("sh", "echo", "cat", "ls", "true"):
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, "busybox", 0o777
            archive.addfile(entry)
    layer = gzip.compress(tar.getvalue(), compresslevel=6, mtime=0)
    configuration = _document(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Env": ["PATH=/bin"],
                "Cmd": ["/bin/echo", "hello from the demonstration image of the image factory"],
            },
            "rootfs": {"type": "layers", "diff_ids": [_digest(tar.getvalue())]},
        }
    )
    manifest = _document(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST_TYPE,
            "config": _descriptor("application/vnd.oci.image.config.v1+json", configuration),
            "layers": [_descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)],
        }
    )
    return layer, configuration, manifest


def _document(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _descriptor(kind: str, content: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": _digest(content), "size": len(content)}


def _store(
    registry: Path, layout: Layout, layer: bytes, configuration: bytes, manifest: bytes
) -> str:
    """Pushes as any client would, so that the storage is the registry's own work."""
    layout.registry.mkdir(parents=True, exist_ok=True)
    with _serving(registry, layout) as address:
        repository = f"{address}/v2/{_REPOSITORY}"
        for blob in (layer, configuration):
            place = _send("POST", f"{repository}/blobs/uploads/", b"", "")["Location"]
            joint = "&" if "?" in place else "?"
            url = f"{place}{joint}digest={_digest(blob)}"
            _send("PUT", url, blob, "application/octet-stream")
        answer = _send("PUT", f"{repository}/manifests/{_TAG}", manifest, _MANIFEST_TYPE)
    stored = answer["Docker-Content-Digest"]
    if stored != _digest(manifest):
        raise SetupError(f"docker-registry stored {stored} where {_digest(manifest)} was pushed")
    return stored


def _send(method: str, url: str, content: bytes, kind: str) -> dict[str, str]:
    request = urllib.request.Request(
        url, data=content, method=method, headers={"Content-Type": kind} if kind else {}
    )
    # never through a proxy: the registry is on this machine
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return dict(answer.headers.items())
    except OSError as error:
        raise SetupError(f"docker-registry refused {method} {url}: {error}") from None


@contextmanager
def _serving(registry: Path, layout: Layout) -> Generator[str]:
    holder, port = ports.reserve()
    log = layout.logs / "docker-registry.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with holder, tempfile.TemporaryDirectory() as folder, log.open("wb") as output:
        configuration = Path(folder) / "registry.yml"
        configuration.write_bytes(
            _document(  # JSON is YAML
                {
                    "version": "0.1",
                    "storage": {"filesystem": {"rootdirectory": str(layout.registry)}},
                    "http": {"addr": f"127.0.0.1:{port}"},
                }
            )
        )
        process = subprocess.Popen(
            [registry, "serve", configuration], stdout=output, stderr=output, env=_plain()
        )
        try:
            _await(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _plain() -> dict[str, str]:
    """The registry takes settings from variables that begin with REGISTRY_."""
    return {key: value for key, value in os.environ.items() if not key.startswith("REGISTRY_")}


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SetupError(f"docker-registry does not start; its log is {log}")
