"""The project that images are made in, and how it is talked to."""

import os
from typing import Any

import google.auth
import pulumi
import pulumi_gcp as gcp
from google.auth.exceptions import GoogleAuthError

from config.gcp import Gcp
from images.errors import NotReached

#: What the provider takes before it looks for the credentials that `gcloud` has left.
_GIVEN = (
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
)


def provider(chosen: Gcp) -> gcp.Provider:
    """The provider of the project and its zone.

    Raises NotReached where it would find no credentials: it then cannot be made, which ends the
    program for every cloud (pulumi-gcp, provider/resources.go, `preConfigureCallbackWithLogger`).
    Whether they are good is found out later, by `must_be_reached`.
    """
    if not any(os.environ.get(name) for name in _GIVEN):
        library: Any = google.auth
        try:
            library.default()
        except (GoogleAuthError, OSError, ValueError) as error:
            raise _not_seen(chosen, error) from None
    if chosen.endpoint is None:
        return gcp.Provider("gcp", project=chosen.project, region=chosen.region, zone=chosen.zone)
    return gcp.Provider(
        "gcp",
        project=chosen.project,
        region=chosen.region,
        zone=chosen.zone,
        compute_custom_endpoint=f"{chosen.endpoint}/compute/v1/",
        storage_custom_endpoint=f"{chosen.endpoint}/storage/v1/",
        iam_custom_endpoint=f"{chosen.endpoint}/v1/",
        iam_beta_custom_endpoint=f"{chosen.endpoint}/v1/",
        resource_manager_custom_endpoint=f"{chosen.endpoint}/v1/",
        service_usage_custom_endpoint=f"{chosen.endpoint}/v1/",
    )


def must_be_reached(chosen: Gcp, by: gcp.Provider) -> None:
    """Raises NotReached, before anything is registered, without access to the project."""
    try:
        gcp.organizations.get_project(
            project_id=chosen.project, opts=pulumi.InvokeOptions(provider=by)
        )
    except Exception as error:
        raise _not_seen(chosen, error) from None


def _not_seen(chosen: Gcp, why: Exception) -> NotReached:
    return NotReached(
        f"Google Cloud does not let the credentials of this environment see the project "
        f"{chosen.project} ({why}). Run `gcloud auth application-default login`, or set "
        "GOOGLE_APPLICATION_CREDENTIALS, and look whether the project's Cloud Resource Manager "
        "API is on; then run again"
    )
