"""The content address of an image: everything that changes its bits, and nothing else.

The inputs are kept as readable text, since they are also the triggers of the bake: a preview then
shows which input causes it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from images.catalog import Entry
from images.errors import InputUnreadable

PACKER = Path("packer")
#: What the steps share.
LIBRARY = "lib"


def digest_of(inputs: Iterable[str]) -> str:
    """SHA-256 over the inputs and their order, as hexadecimal text."""
    return hashlib.sha256(json.dumps(list(inputs)).encode()).hexdigest()


def content_inputs(project: Path, entry: Entry, settings: Mapping[str, str]) -> list[str]:
    """Inputs of an image's content as `name=value`, in the order in which they take effect.

    `settings` are the inputs from configuration. `project` is the folder of the checkout; it does
    not become part of any.
    """
    template = [PACKER / f"{name}.pkr.hcl" for name in (entry.key.cloud, "build")]
    steps = [PACKER / "provision" / f"{name}.sh" for name in (LIBRARY, *entry.steps)]
    return [
        *(f"{name}={value}" for name, value in settings.items()),
        *(f"{path}={file_digest(project / path)}" for path in (*template, *steps)),
    ]


def check_inputs(project: Path, entry: Entry) -> list[str]:
    """Inputs of a verification besides the content it looks at: the checks themselves."""
    checks = [PACKER / "checks" / name for name in ("run", *(f"{c}.sh" for c in entry.checks))]
    return [f"{path}={file_digest(project / path)}" for path in checks]


def verification_digest(content: str, inputs: Iterable[str]) -> str:
    """The address of a verification: this content under these checks."""
    return digest_of([f"content={content}", *inputs])


def file_digest(path: Path) -> str:
    """First 16 hexadecimal digits of the file's SHA-256. Raises InputUnreadable."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise InputUnreadable(
            f"{path}: {error.strerror}; every step of the catalog must be a readable file"
        ) from None
