"""Files from the internet: pinned by checksum, and given up quickly where it cannot be reached."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from tools.errors import SetupError, Unavailable

_CONNECT_SECONDS = 5
_CHUNK = 1 << 20


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch(url: str, checksum: str, target: Path) -> None:
    """Downloads to `target`, which exists only if the content is the expected one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        try:
            with (
                urllib.request.urlopen(url, timeout=_CONNECT_SECONDS) as answer,
                part.open("wb") as file,
            ):
                shutil.copyfileobj(answer, file, _CHUNK)
        except (OSError, urllib.error.URLError) as error:
            reason = getattr(error, "reason", None) or error
            raise Unavailable(f"{urlsplit(url).hostname} cannot be reached ({reason})") from None
        actual = sha256(part)
        if actual != checksum:
            raise SetupError(
                f"{url} is not what it should be: its SHA-256 is {actual}, pinned is {checksum}. "
                "Nothing was installed. Somebody changed it on the way or at its source: find out "
                "before you go on"
            )
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def answers(url: str) -> bool:
    """Whether a server is there; being refused is an answer."""
    try:
        with urllib.request.urlopen(url, timeout=_CONNECT_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    except OSError:
        return False


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a checked archive into a new folder, all or nothing."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as content:
            for name in content.namelist():
                Path(content.extract(name, fresh)).chmod(0o755)
    else:
        with tarfile.open(archive) as content:
            content.extractall(fresh, filter="data")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
