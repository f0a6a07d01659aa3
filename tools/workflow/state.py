"""Which backends and keys of Pulumi a job can use: those of a cloud that it logs in to.

A job is given no secret of Pulumi: neither a token nor a passphrase.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.errors import SetupError

#: Scheme of a backend, or of a key -> the cloud whose login opens it.
STATE = {"s3": "aws", "gs": "gcp"}
KEYS = {"awskms": "aws", "gcpkms": "gcp"}
_CHOICES = {
    "PULUMI_BACKEND_URL": (STATE, "s3://BUCKET?region=REGION&awssdk=v2 or gs://BUCKET"),
    "PULUMI_SECRETS_PROVIDER": (
        KEYS,
        "awskms://alias/NAME?region=REGION or "
        "gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K",
    ),
}
_CLOUD_OF_PULUMI = "wants PULUMI_ACCESS_TOKEN, which jobs are not given"
_AZURE = "wants a login of the whole job in Azure, and there is no login of `az`"
_WHY = {
    "https": _CLOUD_OF_PULUMI,
    "default": _CLOUD_OF_PULUMI,
    "passphrase": "wants PULUMI_CONFIG_PASSPHRASE, which jobs are not given",
    "azblob": _AZURE,
    "azurekeyvault": _AZURE,
    "file": "is on the disk of a runner, which goes with the job",
}


def check_state(variables: Mapping[str, str], logins: Mapping[str, tuple[str, ...]]) -> None:
    """Raises SetupError where jobs could not open what the variables say of Pulumi's state.

    `logins` are the variables of each cloud.
    """
    for name, (known, choice) in _CHOICES.items():
        scheme, mark, _ = variables[name].partition("://")
        cloud = known.get(scheme) if mark else None
        if cloud is None:
            raise SetupError(
                f"{name} is {scheme}, which {_WHY.get(scheme, 'is nothing that jobs know')}: "
                f'choose {choice}; docs/releases.md, "Once", says what that wants'
            )
        if logins[cloud][0] not in variables:
            raise SetupError(
                f"{name} is {scheme}, and nothing logs in to {cloud}: set "
                f"{', '.join(logins[cloud])}; docs/releases.md has the table"
            )


def check_encryption(file: str, content: Mapping[str, Any], provider: str) -> None:
    """Raises SetupError where a stack's file says that a passphrase opens its secrets."""
    if "encryptionsalt" in content or content.get("secretsprovider") == "passphrase":
        stack = file.removeprefix("Pulumi.").removesuffix(".yaml")
        raise SetupError(
            f"{file} is encrypted by a passphrase, which jobs are not given: run "
            f"`pulumi stack change-secrets-provider '{provider}' -s {stack}` where its passphrase "
            "is set, and commit the file"
        )
