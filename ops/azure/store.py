"""The container of a stack's storage account."""

from azure.core.exceptions import ResourceNotFoundError

from bakery.azure import clients, records
from bakery.records.documents import Document
from config.azure import Azure
from images.storage import AZURE_CONTAINER, azure_account
from ops.azure.target import azure_target


class AzureDocuments:
    """That of a stack in the subscription that the environment names."""

    def __init__(self, chosen: Azure, stack: str) -> None:
        target = azure_target(chosen.location, chosen.endpoint, container=AZURE_CONTAINER)
        account = azure_account(stack, target.subscription)
        self._target = target.model_copy(update={"account": account})

    def get(self, key: str) -> bytes | None:
        with (
            clients.translate_errors(f"reading {key} of {self._target.account}"),
            clients.container(self._target) as container,
        ):
            try:
                return container.download_blob(key).readall()
            except ResourceNotFoundError:
                return None

    def put(self, document: Document) -> None:
        with clients.translate_errors(f"writing {document.key} of {self._target.account}"):
            records.put(self._target, document)
