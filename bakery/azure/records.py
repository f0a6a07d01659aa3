"""The stack's container: records, package lists and logs, for people to read."""

from bakery.azure import clients
from images.targets import AzureTarget


def put(target: AzureTarget, key: str, text: str) -> None:
    """Keeps a text under a key. Raises what azure-core raises."""
    # Whoever only looks at images does without.
    from azure.storage.blob import ContentSettings

    with clients.container(target) as container:
        container.upload_blob(
            key,
            text.encode(),
            overwrite=True,
            content_settings=ContentSettings(content_type="text/plain; charset=utf-8"),
        )
