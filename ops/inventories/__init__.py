"""The places in which a stack keeps content, one for each of its clouds."""

from config.settings import Settings
from images.catalog import Cloud
from ops.inventory import Inventory


def inventory_of(settings: Settings, cloud: Cloud) -> Inventory:
    """The place of a cloud that the stack has. Raises UserError without access to it.

    The packages of all clouds would take seconds, so that each is loaded when it is asked.
    """
    clouds = settings.clouds
    match cloud:
        case "local":
            from ops.inventories.local import LocalInventory

            assert clouds.local
            return LocalInventory(clouds.local)
        case "aws":
            from ops.inventories.aws import AwsInventory

            assert clouds.aws
            return AwsInventory(clouds.aws)
        case "azure":
            from ops.inventories.azure import AzureInventory

            assert clouds.azure
            return AzureInventory(clouds.azure)
        case "gcp":
            from ops.inventories.gcp import GcpInventory

            assert clouds.gcp
            return GcpInventory(clouds.gcp)
        case "oci":
            from ops.inventories.oci import OciInventory

            assert clouds.oci
            return OciInventory(clouds.oci)
