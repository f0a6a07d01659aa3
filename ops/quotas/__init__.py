"""Limits of clouds, beside what a stack would publish."""

from collections.abc import Iterator

from config.settings import Settings
from images.catalog import Cloud
from ops.names import names_of
from ops.quotas.headroom import Headroom


def headroom(settings: Settings, cloud: Cloud) -> Iterator[Headroom]:
    """Of every limit that the stack meets in a cloud. Raises UserError without access to it.

    The packages of all clouds would take seconds, so that each is loaded when it is asked.
    """
    names, clouds = names_of(settings, cloud), settings.clouds
    public = settings.visibility == "public"
    match cloud:
        case "local":
            return iter(())
        case "aws":
            from ops.quotas import aws

            assert clouds.aws
            return aws.headroom(clouds.aws, names, public=public)
        case "azure":
            from ops.quotas import azure

            assert clouds.azure
            return azure.headroom(clouds.azure, names, public=public)
        case "gcp":
            from ops.quotas import gcp

            assert clouds.gcp
            return gcp.headroom(clouds.gcp, names)
        case "oci":
            from ops.quotas import oci

            assert clouds.oci
            return oci.headroom(clouds.oci, names)
