"""The newest image to start from, for what is configured as one."""

from config.settings import Settings
from images.catalog import Cloud


def newest(settings: Settings, cloud: Cloud, source: str) -> str | None:
    """What to write in the place of a source; None where nothing says what would be newer.

    Raises UserError where the cloud cannot be asked, or has no such source.
    """
    clouds = settings.clouds
    match cloud:
        case "aws":
            from ops.sources import aws

            assert clouds.aws
            return aws.newest(clouds.aws, source)
        case "azure":
            from ops.sources import azure

            assert clouds.azure
            return azure.newest(clouds.azure, source)
        case "gcp":
            from ops.sources import gcp

            assert clouds.gcp
            return gcp.newest(clouds.gcp, source)
        case "oci":
            from ops.sources import oci

            assert clouds.oci
            return oci.newest(clouds.oci, source)
        case _:
            return None
