"""What knows a cloud, for day-2 commands. Loaded one by one: all packages would take seconds.

Each cloud has a folder here with files of the same names; this one is where it is registered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from config.settings import Clouds, Settings
from images.catalog import Cloud, Variant
from images.contract import Image
from images.errors import UserError
from ops.headroom import Headroom
from ops.inventory import Inventory
from ops.look import Look
from ops.published_images import PublishedImage
from ops.servers import ServerFacts
from ops.store import Documents
from ops.takes import Takes


@dataclass(frozen=True)
class Operations:
    """What commands ask of a cloud that the stack has. Each raises UserError without access to it.

    `inventory` is where it keeps content. `documents` are those of a stack, which may be another
    one than that of the settings. `newest` is what to write in the place of a source, None
    where nothing says what would be newer. `headroom` is of every limit that these names meet.
    """

    inventory: Callable[[], Inventory]
    documents: Callable[[str], Documents]
    newest: Callable[[str], str | None]
    headroom: Callable[[list[str]], Iterator[Headroom]]


def operations_of(settings: Settings, cloud: Cloud) -> Operations:
    """What is asked of a cloud of the stack."""
    clouds, public = settings.clouds, settings.visibility == "public"
    match cloud:
        case "local":
            from ops.local import inventory, store

            assert clouds.local
            return Operations(
                partial(inventory.LocalInventory, clouds.local),
                lambda _: store.LocalDocuments(),
                lambda _: None,
                lambda _: iter(()),
            )
        case "aws":
            from ops.aws import inventory, quota, source, store

            assert clouds.aws
            return Operations(
                partial(inventory.AwsInventory, clouds.aws),
                partial(store.AwsDocuments, clouds.aws),
                partial(source.newest, clouds.aws),
                partial(quota.headroom, clouds.aws, public=public),
            )
        case "azure":
            from ops.azure import inventory, quota, source, store

            assert clouds.azure
            return Operations(
                partial(inventory.AzureInventory, clouds.azure),
                partial(store.AzureDocuments, clouds.azure),
                partial(source.newest, clouds.azure),
                partial(quota.headroom, clouds.azure, public=public),
            )
        case "gcp":
            from ops.gcp import inventory, quota, source, store

            assert clouds.gcp
            return Operations(
                partial(inventory.GcpInventory, clouds.gcp),
                partial(store.GcpDocuments, clouds.gcp),
                partial(source.newest, clouds.gcp),
                partial(quota.headroom, clouds.gcp),
            )
        case "oci":
            from ops.oci import inventory, quota, source, store

            assert clouds.oci
            return Operations(
                partial(inventory.OciInventory, clouds.oci),
                partial(store.OciDocuments, clouds.oci),
                partial(source.newest, clouds.oci),
                partial(quota.headroom, clouds.oci),
            )


def looks(cloud: Cloud) -> Callable[[Image, Clouds], Iterator[Look]]:
    """How an image is looked up there as servers do, in each of its places."""
    match cloud:
        case "local":
            from ops.local.lookup import looks
        case "aws":
            from ops.aws.lookup import looks
        case "azure":
            from ops.azure.lookup import looks
        case "gcp":
            from ops.gcp.lookup import looks
        case "oci":
            from ops.oci.lookup import looks
    return looks


def takes(settings: Settings, cloud: Cloud, variant: Variant) -> Takes:
    """What a variant takes there of what is paid for."""
    clouds = settings.clouds
    match cloud:
        case "local":
            raise UserError("images of this machine cost nothing but its disk")
        case "aws":
            from ops.aws.takes import takes

            assert clouds.aws
            return takes(clouds.aws, variant)
        case "azure":
            from ops.azure.takes import takes

            assert clouds.azure
            return takes(clouds.azure, variant, public=settings.visibility == "public")
        case "gcp":
            from ops.gcp.takes import takes

            assert clouds.gcp
            return takes(clouds.gcp, variant)
        case "oci":
            from ops.oci.takes import takes

            assert clouds.oci
            return takes(clouds.oci, variant)


def published(settings: Settings, cloud: Cloud) -> Callable[[str, str], Iterator[PublishedImage]]:
    """What a private stack has published there, by the stack's name and a prefix."""
    clouds = settings.clouds
    match cloud:
        case "local":
            # Runs of the workflow publish in clouds alone.
            return lambda _stack, _prefix: iter(())
        case "aws":
            from ops.aws.published import published

            assert clouds.aws
            return partial(published, clouds.aws)
        case "azure":
            from ops.azure.published import published

            assert clouds.azure
            return partial(published, clouds.azure)
        case "gcp":
            from ops.gcp.published import published

            assert clouds.gcp
            return partial(published, clouds.gcp)
        case "oci":
            from ops.oci.published import published

            assert clouds.oci
            return partial(published, clouds.oci)


def server_facts(cloud: Cloud) -> ServerFacts:
    """What dstack's servers do there."""
    match cloud:
        case "local":
            from ops.local.server import SERVER
        case "aws":
            from ops.aws.server import SERVER
        case "azure":
            from ops.azure.server import SERVER
        case "gcp":
            from ops.gcp.server import SERVER
        case "oci":
            from ops.oci.server import SERVER
    return SERVER
