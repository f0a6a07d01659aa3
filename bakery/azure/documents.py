"""The stack's container: records, packages, bills of materials and logs, for people to read."""

from bakery.azure import clients
from bakery.records.documents import Document
from images.azure import AzureSubscription


def put(of: AzureSubscription, account: str, name: str, document: Document) -> None:
    """Keeps it under its key. Raises what azure-core raises."""
    # Whoever only looks at images does without.
    from azure.storage.blob import ContentSettings

    with clients.container(of, account, name) as container:
        container.upload_blob(
            document.key,
            document.body,
            overwrite=True,
            content_settings=ContentSettings(content_type=document.content_type),
        )
