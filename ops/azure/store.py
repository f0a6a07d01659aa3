"""The container of a stack's storage account."""

from azure.core.exceptions import ResourceNotFoundError

from bakery.azure import clients
from bakery.azure.documents import put
from bakery.records.documents import Document
from config.azure import Azure
from images.storage import AZURE_CONTAINER, azure_account
from ops.azure.subscription import subscription


class AzureDocuments:
    """That of a stack in the subscription that the environment names."""

    def __init__(self, chosen: Azure, stack: str) -> None:
        self._subscription = subscription(chosen.endpoint)
        self._account = azure_account(stack, self._subscription.subscription)

    def get(self, key: str) -> bytes | None:
        with (
            clients.translate_errors(f"reading {key} of {self._account}"),
            clients.container(self._subscription, self._account, AZURE_CONTAINER) as container,
        ):
            try:
                return container.download_blob(key).readall()
            except ResourceNotFoundError:
                return None

    def put(self, document: Document) -> None:
        with clients.translate_errors(f"writing {document.key} of {self._account}"):
            put(self._subscription, self._account, AZURE_CONTAINER, document)
