"""The way to machines of the stack's own network: a tunnel that Packer asks gcloud for.

Packer hands gcloud the credentials of a file and nothing else, and gcloud does not use those of
`gcloud auth application-default login` (packer-plugin-googlecompute, `createTempGcloudScript`;
"Set up Application Default Credentials": the gcloud CLI itself doesn't use ADC).
"""

import os
import shutil
import subprocess

from images.errors import BakeryError

#: Variables by which gcloud, or Packer for it, gets credentials without a login.
_CREDENTIALS = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
    "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
)
#: Seconds; it reads a few files.
_LONGEST = 60


def must_open() -> None:
    """Raises BakeryError where the tunnel would be refused after the machine was made."""
    if shutil.which("gcloud") is None:
        raise BakeryError(
            "there is no gcloud on PATH, through which Packer reaches machines of the stack's own "
            "network; install Google's Cloud SDK, or name a network with "
            "dstack-images:clouds.gcp.subnet"
        )
    if not any(os.environ.get(variable) for variable in _CREDENTIALS) and not _account():
        raise BakeryError(
            "gcloud is not logged in, and Packer reaches machines of the stack's own network "
            "through it; run `gcloud auth login` (`gcloud auth application-default login` is for "
            "libraries alone), or set GOOGLE_APPLICATION_CREDENTIALS"
        )


def _account() -> str:
    """Whom gcloud acts as; nothing where it has nobody or does not answer."""
    asked = ["gcloud", "auth", "list", "--filter=status:ACTIVE", "--format=value(account)"]
    try:
        found = subprocess.run(
            asked,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip()
