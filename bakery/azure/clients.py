"""Azure's clients, and its errors in words."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

import requests
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.identity import CredentialUnavailableError
from azure.mgmt.compute import ComputeManagementClient

from bakery.azure.identity import Identity
from images.azure import AzureSubscription
from images.errors import BakeryError

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.storage.blob import ContainerClient

#: Seconds between two looks at a long change, where Azure does not say how many.
_POLL = 5
#: The secret that was given is over.
_EXPIRED = "AADSTS7000222"
#: What storage says to people who may do everything but look into it: owners of a subscription.
_NO_DATA = "AuthorizationPermissionMismatch"


def compute(of: AzureSubscription) -> ComputeManagementClient:
    return ComputeManagementClient(**_connection(of))


def resources(of: AzureSubscription) -> ResourceManagementClient:
    # Most commands need neither this one nor storage, whose packages take a while to load.
    from azure.mgmt.resource.resources import ResourceManagementClient

    return ResourceManagementClient(**_connection(of))


def container(of: AzureSubscription, account: str, name: str) -> ContainerClient:
    from azure.storage.blob import ContainerClient

    address = (
        f"{of.endpoint}/{account}" if of.endpoint else f"https://{account}.blob.core.windows.net"
    )
    return ContainerClient(address, name, Identity.of().credential(of))


def _connection(of: AzureSubscription) -> dict[str, Any]:
    own = (
        {"base_url": of.endpoint, "credential_scopes": [f"{of.endpoint}/.default"]}
        if of.endpoint
        else {}
    )
    return {
        "credential": Identity.of().credential(of),
        "subscription_id": of.subscription,
        "polling_interval": _POLL,
        **own,
    }


@contextmanager
def absent_is_fine() -> Generator[None]:
    """What is to be removed may be gone already."""
    try:
        yield
    except ResourceNotFoundError:
        return


@contextmanager
def translate_errors(where: str) -> Generator[None]:
    """Turns what Azure refuses into a BakeryError that says what can be done."""
    try:
        yield
    except CredentialUnavailableError as error:
        raise BakeryError(
            f"there are no credentials for Azure ({_first_line(error)}); run `az login`, or set "
            "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, and run again"
        ) from None
    except ClientAuthenticationError as error:
        raise BakeryError(f"{where}: {_refusal(error)}") from None
    except HttpResponseError as error:
        raise BakeryError(f"{where}: {_words(error)}") from None
    except (AzureError, requests.RequestException) as error:
        raise BakeryError(f"{where}: {_first_line(error)}") from None


def word(value: str | None, otherwise: str = "") -> str:
    """What the API said, where the library has made a member of an enumeration of it."""
    found = value or otherwise
    return str(found.value) if isinstance(found, Enum) else found


def _code(error: HttpResponseError) -> str:
    """Azure's own name of an error."""
    return error.error.code if error.error and error.error.code else ""


def _refusal(error: ClientAuthenticationError) -> str:
    message = _first_line(error)
    if _EXPIRED in message:
        return (
            f"the client secret has expired ({message}). If it is the stack's own, `pulumi up` "
            "makes a new one; else renew it and run again"
        )
    return f"Azure does not accept these credentials ({message}); renew them and run again"


def _words(error: HttpResponseError) -> str:
    message = error.error.message if error.error and error.error.message else _first_line(error)
    if getattr(error, "error_code", "") == _NO_DATA:
        return (
            f"these credentials may not write into storage ({_NO_DATA}); if they are to, add the "
            "object ID of whoever runs this to dstack-images:clouds.azure.operators (a person's: "
            "`az ad signed-in-user show --query id`), and run `pulumi up`"
        )
    if error.status_code == 403:
        return (
            f"these credentials may not do this ({message}); docs/azure.md says what is needed "
            "and why"
        )
    return f"{_code(error) or error.status_code}: {message}"


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
