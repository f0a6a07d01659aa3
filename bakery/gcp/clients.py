"""Compute Engine's clients, and its errors in words."""

# Of Google's clients only the messages have types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import google.auth
import requests
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Forbidden, GoogleAPICallError, RetryError, Unauthorized
from google.api_core.retry import Retry, if_transient_error
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError
from google.cloud import compute_v1

from bakery.errors import BakeryError
from images.targets import GcpTarget

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TOO_MUCH = ("rateLimitExceeded", "quotaExceeded for quota metric")


def _passes(error: Exception) -> bool:
    """Compute Engine says with 403 that it is asked too often ("API rate quotas")."""
    return if_transient_error(error) or (
        isinstance(error, Forbidden) and any(sign in str(error) for sign in _TOO_MUCH)
    )


#: For every call: with growing pauses, as long as two minutes.
RETRY = Retry(predicate=_passes, initial=0.5, maximum=15, timeout=120)


class OperationFailed(Exception):
    """A change that Compute Engine had accepted, and then could not make."""


def images(target: GcpTarget) -> compute_v1.ImagesClient:
    return compute_v1.ImagesClient(**_connection(target))


def instances(target: GcpTarget) -> compute_v1.InstancesClient:
    return compute_v1.InstancesClient(**_connection(target))


def disks(target: GcpTarget) -> compute_v1.DisksClient:
    return compute_v1.DisksClient(**_connection(target))


def global_operations(target: GcpTarget) -> compute_v1.GlobalOperationsClient:
    return compute_v1.GlobalOperationsClient(**_connection(target))


def zone_operations(target: GcpTarget) -> compute_v1.ZoneOperationsClient:
    return compute_v1.ZoneOperationsClient(**_connection(target))


def credentials(target: GcpTarget) -> Credentials:
    """Those of the environment; an endpoint of one's own asks for none."""
    if target.endpoint is not None:
        return AnonymousCredentials()
    default: Any = google.auth.default
    return default(scopes=[_SCOPE])[0]


def _connection(target: GcpTarget) -> dict[str, Any]:
    return {
        "credentials": credentials(target),
        "client_options": ClientOptions(api_endpoint=target.endpoint),
    }


@contextmanager
def told(where: str) -> Generator[None]:
    """Turns what Google refuses into a BakeryError that says what can be done."""
    try:
        yield
    except DefaultCredentialsError:
        raise BakeryError(
            "there are no credentials for Google Cloud; run `gcloud auth application-default "
            "login`, or set GOOGLE_APPLICATION_CREDENTIALS, and run again"
        ) from None
    except RefreshError as error:
        raise BakeryError(
            f"{where}: the credentials for Google Cloud cannot be renewed ({error}); log in again "
            "and run again"
        ) from None
    except (GoogleAuthError, OperationFailed, RetryError, requests.RequestException) as error:
        raise BakeryError(f"{where}: {error}") from None
    except GoogleAPICallError as error:
        raise BakeryError(f"{where}: {_words(error)}") from None


def _words(error: GoogleAPICallError) -> str:
    if isinstance(error, Unauthorized):
        return f"Google does not know these credentials ({error.message}); check them and run again"
    if isinstance(error, Forbidden):
        return (
            f"these credentials may not do this ({error.message}); docs/gcp.md says what is needed "
            "and why"
        )
    return str(error)
