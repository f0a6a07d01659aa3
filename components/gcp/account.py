"""The project that images are made in, and how it is talked to."""

import pulumi
import pulumi_gcp as gcp

from config.gcp import Gcp
from images.errors import UserError


def provider(chosen: Gcp) -> gcp.Provider:
    """The provider of the project and its zone."""
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
    """Raises UserError, before anything is registered, without access to the project."""
    try:
        gcp.organizations.get_project(
            project_id=chosen.project, opts=pulumi.InvokeOptions(provider=by)
        )
    except Exception as error:
        raise UserError(
            f"Google Cloud does not let the credentials of this environment see the project "
            f"{chosen.project} ({error}). Run `gcloud auth application-default login`, or set "
            "GOOGLE_APPLICATION_CREDENTIALS, and look whether the project's Cloud Resource Manager "
            "API is on; then run again"
        ) from None
