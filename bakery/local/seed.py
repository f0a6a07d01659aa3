"""The NoCloud seed of a machine on this machine: a name and one throw-away SSH key."""

import json
import secrets
import subprocess
from pathlib import Path

from images.errors import BakeryError


def write_seed(work: Path) -> Path:
    """Writes `seed/` and a new key pair into the work folder; returns the private key's file."""
    key = work / "key"
    made = subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "dstack-images", "-f", str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise BakeryError(f"ssh-keygen cannot make a key in {work}: {made.stderr.strip()}")
    seed = work / "seed"
    seed.mkdir()
    # A new instance id is what makes cloud-init take a boot for the first one.
    meta = {"instance-id": f"i-{secrets.token_hex(8)}", "local-hostname": "dstack-image"}
    user = {"ssh_authorized_keys": [key.with_suffix(".pub").read_text(encoding="utf-8").strip()]}
    (seed / "meta-data").write_text(json.dumps(meta), encoding="utf-8")
    (seed / "user-data").write_text("#cloud-config\n" + json.dumps(user), encoding="utf-8")
    (seed / "vendor-data").write_text("", encoding="utf-8")
    return key
