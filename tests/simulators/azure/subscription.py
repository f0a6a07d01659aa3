"""A subscription of Azure for tests: an HTTPS server with what is used of its APIs.

    with AzureSubscription() as subscription:
        subscription.images("packer")

What Packer makes, what Pulumi's simulated providers make and what Azure's own clients list here
are one subscription. It knows few methods and few fields, and refuses all others by name. Clients
trust it by `REQUESTS_CA_BUNDLE` or `SSL_CERT_FILE`, which have to be its `ca_file`. Those that know
no address but Azure's own come here through azure_proxy.py.
"""

import json
import tempfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.simulators.azure.api import Api
from tests.simulators.azure.compute import Image, Machine
from tests.simulators.azure.galleries import (
    DEFINITION,
    GALLERY,
    VERSION,
    community_info,
    is_shared,
    offered,
)
from tests.simulators.azure.hosts import NAMES, renamed
from tests.simulators.azure.public import SOURCE, VERSIONS, source_id
from tests.simulators.azure.resources import Id, group_id
from tests.simulators.azure.shapes import Answer, Json, Refused, Request
from tests.simulators.https_server import HttpsServer

__all__ = ["SOURCE", "AzureSubscription"]

LOCATION = "westeurope"
#: What dstack has published long since, and where.
PUBLISHED_GROUP = "dstack-resources-westeurope"
PUBLISHED_GALLERY = "dstack_gallery_westeurope_gen2"
PUBLIC_NAME = "dstack-ebac134d-04b9-4c2b-8b6c-ad3e73904aa7"
OLD_DEFINITION = "dstack-cuda-0.10"
# What dstack made it of is long gone.
_OLD_IMAGE = "dstack-cuda-0.10-source"


class AzureSubscription:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="azure-")
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        names = ("127.0.0.1", "localhost", *NAMES)
        self._server = HttpsServer(_handler(self), names, Path(self.ca_file))
        self.address = self._server.address
        self.api = self._as_new()
        self._server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._folder.cleanup()

    def reset(self) -> None:
        """Back to a subscription in which dstack has made one image, and nobody anything else."""
        self.api = self._as_new()

    # What is there

    def images(self, group: str) -> dict[str, Json]:
        """A group's managed images, by name."""
        return {body["name"]: body for body in self._of(Image.type, group)}

    def versions(self, gallery: str) -> dict[str, dict[str, Json]]:
        """A gallery's versions, by definition and name."""
        found: dict[str, dict[str, Json]] = {}
        for body in self._of(VERSION):
            _, at, _, definition, _, version = _id(body).rest
            if at.lower() == gallery.lower():
                found.setdefault(definition, {})[version] = body
        return found

    def definitions(self, gallery: str) -> dict[str, Json]:
        """A gallery's definitions, by name."""
        found = self._of(DEFINITION)
        return {
            body["name"]: body for body in found if _id(body).rest[1].lower() == gallery.lower()
        }

    def offered(self, gallery: str) -> dict[str, list[str]]:
        """Region to the definitions of the gallery that have a version there for everyone."""
        found: dict[str, set[str]] = {}
        for definition, versions in self.versions(gallery).items():
            for body in versions.values():
                for region in offered(body):
                    found.setdefault(region, set()).add(definition)
        return {region: sorted(found[region]) for region in sorted(found)}

    def is_public(self, gallery: str) -> bool:
        """Whether everyone sees the gallery."""
        return any(is_shared(body) for body in self._of(GALLERY) if body["name"] == gallery)

    def resources(self, group: str) -> list[str]:
        """The ids of all that is in a group."""
        self.api.arm.operations.settle(all=True)
        return [body["id"] for body in self.api.arm.resources.below(group_id(group))]

    def remove(self, id: str) -> None:
        """Somebody deletes it, whatever relies on it."""
        self.api.arm.resources.remove(id)

    def _of(self, type: str, group: str | None = None) -> list[Json]:
        self.api.arm.operations.settle(all=True)
        return self.api.arm.resources.of(type, group)

    # What somebody makes by hand

    def add_group(self, name: str, location: str = LOCATION, **tags: str) -> None:
        self.api.arm.put_group(name, tags, location)

    def add_image(self, group: str, name: str, **tags: str) -> Json:
        """One of Ubuntu's."""
        disk = self.add_disk(group, f"{name}-disk")
        os_disk = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": disk["id"]}}
        properties = {"hyperVGeneration": "V2", "storageProfile": {"osDisk": os_disk}}
        body = {"location": LOCATION, "tags": tags, "properties": properties}
        image = self.api.put(group, f"Microsoft.Compute/images/{name}", body)
        self.api.arm.resources.remove(disk["id"])
        return image

    def add_disk(self, group: str, name: str, **tags: str) -> Json:
        creation = {
            "createOption": "FromImage",
            "imageReference": {"id": source_id(VERSIONS[-1], LOCATION)},
        }
        properties = {"creationData": creation, "hyperVGeneration": "V2", "osType": "Linux"}
        body = {"location": LOCATION, "tags": tags, "properties": properties}
        return self.api.put(group, f"Microsoft.Compute/disks/{name}", body)

    def add_snapshot(self, group: str, name: str, **tags: str) -> Json:
        """Of Ubuntu's, too."""
        disk = self.add_disk(group, f"{name}-disk")
        creation = {"createOption": "Copy", "sourceResourceId": disk["id"]}
        body = {"location": LOCATION, "tags": tags, "properties": {"creationData": creation}}
        snapshot = self.api.put(group, f"Microsoft.Compute/snapshots/{name}", body)
        self.api.arm.resources.remove(disk["id"])
        return snapshot

    def add_machine(
        self, group: str, name: str, tags: dict[str, str], disk: str | None = None
    ) -> Json:
        """A machine and what belongs to it, as Packer leaves them: only the disk has no tags."""

        def put(kind: str, suffix: str, properties: Json, **more: Any) -> Json:
            body = {"location": LOCATION, "tags": tags, "properties": properties, **more}
            return self.api.put(group, f"{kind}/{name}{suffix}", body)

        rules = put("Microsoft.Network/networkSecurityGroups", "-sg", {"securityRules": []})
        subnet = {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": rules["id"]}}
        network = put(
            "Microsoft.Network/virtualNetworks",
            "-vn",
            {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "default", "properties": subnet}],
            },
        )
        address = put(
            "Microsoft.Network/publicIPAddresses",
            "-ip",
            {"publicIPAllocationMethod": "Static"},
            sku={"name": "Standard"},
        )
        configuration = {
            "subnet": {"id": f"{network['id']}/subnets/default"},
            "publicIPAddress": {"id": address["id"]},
        }
        interface = put(
            "Microsoft.Network/networkInterfaces",
            "-ni",
            {"ipConfigurations": [{"name": "ipconfig", "properties": configuration}]},
        )
        image = {"id": source_id(VERSIONS[-1], LOCATION)}
        os_disk = {"name": disk or f"{name}-os", "createOption": "FromImage", "osType": "Linux"}
        return put(
            Machine.type,
            "",
            {
                "hardwareProfile": {"vmSize": "Standard_D2s_v6"},
                "storageProfile": {"imageReference": image, "osDisk": os_disk},
                "networkProfile": {"networkInterfaces": [{"id": interface["id"]}]},
            },
        )

    def _as_new(self) -> Api:
        api = Api(self.address)
        self.api = api
        api.arm.put_group(PUBLISHED_GROUP, {})
        info = {
            "publisherUri": "https://dstack.ai",
            "publisherContact": "hello@dstack.ai",
            "eula": "https://dstack.ai/terms/",
            "publicNamePrefix": "dstack",
        }
        sharing = {"permissions": "Community", "communityGalleryInfo": info}
        gallery = f"Microsoft.Compute/galleries/{PUBLISHED_GALLERY}"
        body: Json = {"location": LOCATION, "properties": {"sharingProfile": sharing}}
        shared = community_info(api.put(PUBLISHED_GROUP, gallery, body))
        shared.update({"publicNames": [PUBLIC_NAME], "communityGalleryEnabled": True})
        definition = {
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "identifier": {"publisher": "dstack", "offer": "dstack", "sku": OLD_DEFINITION},
        }
        body = {"location": LOCATION, "properties": definition}
        api.put(PUBLISHED_GROUP, f"{gallery}/images/{OLD_DEFINITION}", body)
        source = self.add_image(PUBLISHED_GROUP, _OLD_IMAGE)
        storage = {"source": {"id": source["id"]}}
        body = {"location": LOCATION, "properties": {"storageProfile": storage}}
        api.put(PUBLISHED_GROUP, f"{gallery}/images/{OLD_DEFINITION}/versions/0.0.1", body)
        api.arm.resources.remove(source["id"])
        return api


def _id(body: Json) -> Id:
    found = Id.parse(body["id"])
    assert found is not None
    return found


def _handler(subscription: AzureSubscription) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer of two parts would wait for the client's acknowledgement of the first.
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            address = urlsplit(self.path)
            request = Request(
                self.command,
                unquote(address.path),
                dict(parse_qsl(address.query, keep_blank_values=True)),
                self.headers,
                self.rfile.read(length),
            )
            try:
                found = subscription.api.call(request)
            except Refused as error:
                found = error.answer()
            self._send(found)

        def _send(self, found: Answer) -> None:
            text = found.body if isinstance(found.body, str) else json.dumps(found.body)
            content = (
                b"" if found.body is None else self._renamed(text).encode(errors="surrogateescape")
            )
            self.send_response(found.status)
            for name, value in {"Content-Type": "application/json", **found.headers}.items():
                self.send_header(name, self._renamed(value))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def _renamed(self, text: str) -> str:
            return renamed(text, subscription.address, self.headers.get("Host") or "")

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler
