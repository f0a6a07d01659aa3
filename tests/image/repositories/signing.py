"""Throw-away keys that sign stub repositories."""

import functools
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SigningKey:
    """A key in a GnuPG home of its own."""

    home: Path
    fingerprint: str

    def _gpg(self, *arguments: str, data: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", *arguments]
        return subprocess.run(command, input=data, check=True, capture_output=True).stdout

    @functools.cache  # noqa: B019  # keys are few, and some last as long as all tests
    def public(self) -> bytes:
        """The key as vendors publish it."""
        return self._gpg("--armor", "--export", self.fingerprint)

    @functools.cache  # noqa: B019
    def clearsign(self, data: bytes) -> bytes:
        """The data and its signature in one document."""
        return self._gpg("--local-user", self.fingerprint, "--clearsign", data=data)


@contextmanager
def signing_key(owner: str) -> Generator[SigningKey]:
    """A new key, gone at the end."""
    # a short path: the agent's socket lies in it
    with tempfile.TemporaryDirectory(prefix="key-", dir="/tmp") as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", ""]
        subprocess.run(
            [*gpg, "--quick-generate-key", f"{owner} <{owner}@example.invalid>", "ed25519", "sign"],
            check=True,
            capture_output=True,
        )
        listing = subprocess.run(
            [*gpg, "--with-colons", "--list-keys"], check=True, capture_output=True, text=True
        ).stdout
        lines = (line.split(":") for line in listing.splitlines())
        fingerprint = next(fields[9] for fields in lines if fields[0] == "fpr")
        try:
            yield SigningKey(Path(home), fingerprint)
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
