"""How a dstack server finds its image, written down again from its code.

After dstackai/dstack 0.22.5, `core/backends/{aws,azure,gcp}`: `get_image_id_and_username`,
`_get_image_ref`, `_get_image`. Where a server has a constant, this has what the contract says:
the account that owns AMIs, the gallery's public name, the project. It imports nothing of this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient


class NoImage(Exception):
    """A job could not be started: there is no such image where it was looked for."""


@dataclass(frozen=True)
class Server:
    """What it was started with: `server_env` of the contract."""

    version: str
    prefix: str

    @classmethod
    def started_with(cls, environment: Mapping[str, str]) -> "Server":
        return cls(
            environment["DSTACK_VM_BASE_IMAGE_VERSION"],
            environment["DSTACK_VM_BASE_IMAGE_PREFIX"],
        )

    def name(self, cuda: bool) -> str:
        return f"{self.prefix}dstack-{'cuda-' if cuda else ''}{self.version}"


class Backend(Protocol):
    """One cloud as a server sees it. Raises NoImage."""

    def find(self, server: Server, location: str, cuda: bool) -> str:
        """The identifier of what a machine in the location would boot."""
        ...


@dataclass(frozen=True)
class Aws:
    """By owner and exact name, the newest that is available. GPU machines boot Amazon's own."""

    owner: str
    address: str

    def find(self, server: Server, location: str, cuda: bool) -> str:
        ec2 = boto3.client("ec2", location, endpoint_url=self.address)
        filters: Any = [{"Name": "name", "Values": [server.name(cuda=False)]}]
        found = ec2.describe_images(Filters=filters, Owners=[self.owner])["Images"]
        available = [image for image in found if image.get("State") == "available"]
        if not available:
            raise NoImage(server.name(cuda=False))
        newest = max(available, key=lambda image: image.get("CreationDate", ""))
        return newest.get("ImageId", "")


@dataclass(frozen=True)
class Azure:
    """In the community gallery; with a prefix, a managed image of the server's own subscription.

    A server up to 0.22.3 `asks` for the gallery's image; a newer one writes its identifier.
    """

    public_name: str
    group: str
    subscription: str
    address: str
    credential: TokenCredential
    asks: bool

    def find(self, server: Server, location: str, cuda: bool) -> str:
        name = server.name(cuda)
        client = ComputeManagementClient(
            self.credential,
            self.subscription,
            base_url=self.address,
            credential_scopes=[f"{self.address}/.default"],
        )
        try:
            if server.prefix:
                return str(client.images.get(self.group, name).id)
            known = client.community_gallery_images.get(location, self.public_name, name)
        except ResourceNotFoundError:
            # What the creation of a machine would say to the newer server.
            raise NoImage(name) from None
        if self.asks:
            return str(known.unique_id)
        return f"/CommunityGalleries/{self.public_name}/Images/{name}"


@dataclass(frozen=True)
class Gcp:
    """By project and name, in which dots are dashes; an image is everywhere."""

    project: str
    address: str

    def find(self, server: Server, location: str, cuda: bool) -> str:
        name = server.name(cuda).replace(".", "-")
        path = f"projects/{self.project}/global/images/{name}"
        answer = requests.get(
            f"{self.address}/compute/v1/{path}",
            headers={"Authorization": "Bearer of-a-user"},
            timeout=10,
        )
        if answer.status_code == requests.codes.not_found:
            raise NoImage(name)
        answer.raise_for_status()
        return f"projects/{self.project}/global/images/{answer.json()['id']}"
