"""Which file has the key for Oracle Cloud, for Pulumi's provider, Packer and the bakery alike."""

import os
from pathlib import Path

from images.errors import UserError

VARIABLE = "OCI_CONFIG_FILE"
_DEFAULT = "~/.oci/config"


def key_file() -> Path:
    """Return the file that the environment names, or ~/.oci/config.

    Pulumi's provider takes ~/.oci/config wherever there is one, whatever the environment names
    (terraform-provider-oci, DefaultConfigProvider; oci-go-sdk, common/client.go,
    getDefaultConfigFilePath). Raises UserError where that would be another key.
    """
    default = Path(_DEFAULT).expanduser()
    named = Path(os.environ.get(VARIABLE) or default).expanduser()
    if default.is_file() and _content(named) != _content(default):
        raise UserError(
            f"{VARIABLE} names {named}, and {default} is there too and has something else: "
            "Pulumi's provider would use that one, Packer and the bakery the other. Unset "
            f"{VARIABLE}, or move {default} away"
        )
    return named


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes() if file.is_file() else None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
