"""The bucket of content: records, package lists, bills of materials, logs, exported images.

It goes by one name in every region and belongs to no stack, as content does: the bakery makes it
when it first has something to keep. In other regions than the one that bakes, it has copies of
exported images for as long as they are imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bakery.oci.clients import Access, ask, every, find, library, storage
from bakery.records.documents import Document
from images.errors import BakeryError
from images.service_policy import storage_statement

RECORDS, EXPORTS, COPIES = "records/", "exports/", "copies/"
_NOT_ALLOWED = "InsufficientServicePermissions"
#: What is left of copies, whoever has died, goes after this.
_DAYS = 2


class ServiceNotAllowed(BakeryError):
    """Object Storage itself may not do it. The message has the statement that lets it."""

    def __init__(self, region: str, compartment: str) -> None:
        super().__init__(
            f"Object Storage of {region} is not allowed to work on buckets by itself, which it has "
            "to be whoever asks it. An administrator adds to a policy: "
            f"`{storage_statement(region, compartment)}`"
        )


class Bucket:
    """That of one region."""

    def __init__(self, access: Access, region: str, compartment: str, name: str) -> None:
        self.region, self.name = region, name
        self._compartment = compartment
        self.client = storage(access, region)
        self._namespace: str | None = None

    @property
    def namespace(self) -> str:
        """The tenancy's own; the same in every region."""
        if self._namespace is None:
            self._namespace = str(ask(self.client.get_namespace).data)
        return self._namespace

    def make(self) -> bool:
        """Makes it, if it is not there, for nobody else to see.

        Returns whether it has the rule for copies: Object Storage needs a policy for that.
        """
        if not find(self.client.get_bucket, self.namespace, self.name):
            self._create()
        if find(self.client.get_object_lifecycle_policy, self.namespace, self.name):
            return True
        return self._copies_expire()

    def _create(self) -> None:
        models = library.object_storage.models
        details = models.CreateBucketDetails(
            name=self.name, compartment_id=self._compartment, public_access_type="NoPublicAccess"
        )
        try:
            ask(self.client.create_bucket, self.namespace, details)
        except library.exceptions.ServiceError as error:
            # Another run was faster.
            if error.code != "BucketAlreadyExists":
                raise

    def put(self, document: Document) -> None:
        """Keeps it under its key, in a bucket that is there."""
        ask(
            self.client.put_object,
            self.namespace,
            self.name,
            document.key,
            document.body,
            content_type=document.content_type,
        )

    def text(self, key: str) -> str | None:
        """What is kept there, if anything is."""
        found = find(self.client.get_object, self.namespace, self.name, key)
        return found.data.content.decode() if found else None

    def has(self, key: str) -> bool:
        return find(self.client.head_object, self.namespace, self.name, key) is not None

    def keys(self, prefix: str) -> Iterator[str]:
        """Return the keys of all that is kept below a prefix."""
        start: str | None = prefix
        while start is not None:
            asked = {"prefix": prefix, "start": start}
            found = find(self.client.list_objects, self.namespace, self.name, **asked)
            yield from (one.name for one in found.data.objects) if found else ()
            start = found.data.next_start_with if found else None

    def remove(self, key: str) -> None:
        find(self.client.delete_object, self.namespace, self.name, key)

    def copy(self, key: str, there: Bucket, new_key: str) -> str:
        """Begins to copy an object to another region; returns the id of the work request.

        Raises ServiceNotAllowed.
        """
        details = library.object_storage.models.CopyObjectDetails(
            source_object_name=key,
            destination_region=there.region,
            destination_namespace=there.namespace,
            destination_bucket=there.name,
            destination_object_name=new_key,
        )
        try:
            answer = ask(self.client.copy_object, self.namespace, self.name, details)
        except library.exceptions.ServiceError as error:
            if error.code != _NOT_ALLOWED:
                raise
            raise ServiceNotAllowed(self.region, self._compartment) from None
        return answer.headers["opc-work-request-id"]

    def work(self, id: str) -> Any:
        """A work request of Object Storage."""
        return ask(self.client.get_work_request, id).data

    def why(self, id: str) -> str:
        """Why it failed, as far as Oracle says."""
        found = every(self.client.list_work_request_errors, id)
        return "; ".join(str(one.message) for one in found) or "Oracle Cloud does not say why"

    def _copies_expire(self) -> bool:
        models = library.object_storage.models
        rule = models.ObjectLifecycleRule(
            name="copies",
            action="DELETE",
            time_amount=_DAYS,
            time_unit="DAYS",
            is_enabled=True,
            target="objects",
            object_name_filter=models.ObjectNameFilter(inclusion_prefixes=[COPIES]),
        )
        details = models.PutObjectLifecyclePolicyDetails(items=[rule])
        call = self.client.put_object_lifecycle_policy
        try:
            ask(call, self.namespace, self.name, details)
        except library.exceptions.ServiceError as error:
            if error.code != _NOT_ALLOWED:
                raise
            return False
        return True
