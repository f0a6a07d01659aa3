"""Where stacks keep records, package lists and bills of materials of their bakes."""

from typing import Protocol

from bakery.records.documents import Document
from config.settings import Settings
from images.catalog import Cloud


class Documents(Protocol):
    """Those of one stack in one cloud, by keys such as `records/<bake>.json`."""

    def get(self, key: str) -> bytes | None:
        """None where there is no such document. Raises UserError where nobody may look."""
        ...

    def put(self, document: Document) -> None:
        """Keeps it. Raises UserError."""
        ...


def documents_of(settings: Settings, cloud: Cloud, stack: str) -> Documents:
    """Those of a stack, which may be another one than that of the settings.

    The packages of all clouds would take seconds, so that each is loaded when it is asked. Raises
    UserError without access.
    """
    clouds = settings.clouds
    match cloud:
        case "local":
            from ops.stores.local import LocalDocuments

            return LocalDocuments()
        case "aws":
            from ops.stores.aws import AwsDocuments

            assert clouds.aws
            return AwsDocuments(clouds.aws, stack)
        case "azure":
            from ops.stores.azure import AzureDocuments

            assert clouds.azure
            return AzureDocuments(clouds.azure, stack)
        case "gcp":
            from ops.stores.gcp import GcpDocuments

            assert clouds.gcp
            return GcpDocuments(clouds.gcp, stack)
        case "oci":
            from ops.stores.oci import OciDocuments

            assert clouds.oci
            return OciDocuments(clouds.oci)
