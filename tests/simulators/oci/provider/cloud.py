"""The simulated Oracle Cloud as the simulator asks for it."""

import secrets
from collections.abc import Callable
from typing import Any

import oci

from tests.simulators.oci.provider.calls import Calls
from tests.simulators.oci.provider.images import Image
from tests.simulators.oci.shapes import ocid
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.errors import Absent
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

#: What Packer, the bakery and servers see too; the store keeps the rest.
_IMAGE = "oci:Core/image:Image"
#: Inputs that no update changes (terraform-provider-oci, ForceNew).
_REPLACED: dict[str, Rules] = {
    "oci:Core/vcn:Vcn": replaced_by("compartmentId", named_by=None),
    "oci:Core/subnet:Subnet": replaced_by("vcnId", "availabilityDomain", named_by=None),
    "oci:Identity/group:Group": replaced_by("name", "compartmentId"),
    "oci:Identity/policy:Policy": replaced_by("name", "compartmentId"),
}


class Oci(Cloud):
    def __init__(self) -> None:
        super().__init__("oci")
        self.calls = Calls()

    def configure(self, config: Properties) -> None:
        super().configure(config)
        self.calls.configure(config)

    def model(self, kind: str) -> Model | None:
        return Image(self.calls) if kind == _IMAGE else None

    def rules(self, kind: str) -> Rules:
        return Image.rules if kind == _IMAGE else _REPLACED.get(kind, Rules(named_by=None))

    def identify(self, kind: str, name: str, inputs: Properties) -> str:
        # Each provider is a process, and counts from one.
        return ocid(kind.rpartition(":")[2].lower(), self.calls.region) + secrets.token_hex(4)

    def invoke(self, token: str, args: Properties) -> Properties:
        functions: dict[str, Callable[[Properties], Properties]] = {
            "oci:Core/getSubnet:getSubnet": self._subnet,
            "oci:Identity/getCompartment:getCompartment": self._compartment,
            "oci:Identity/getRegionSubscriptions:getRegionSubscriptions": self._subscriptions,
            "oci:ObjectStorage/getNamespace:getNamespace": self._namespace,
            "oci:Marketplace/getPublication:getPublication": self._publication,
            "oci:Marketplace/getPublicationPackages:getPublicationPackages": self._packages,
        }
        if token not in functions:
            return super().invoke(token, args)
        try:
            return functions[token](args)
        except Absent:
            # A data source does not fail: its state is voided (terraform-provider-oci,
            # internal/tfresource/errors.go, handleMissingResourceError), and what is left is a
            # result without anything in it (pulumi-terraform-bridge, provider.go, Invoke).
            return {"id": "-"}

    def _ask(self, kind: Any, method: str, *args: str) -> Any:
        return self.calls.ask(getattr(self.calls.client(kind), method), *args).data

    def _subnet(self, args: Properties) -> Properties:
        found = self._ask(oci.core.VirtualNetworkClient, "get_subnet", args["subnetId"])
        return {"id": found.id, "subnetId": found.id, "compartmentId": found.compartment_id}

    def _compartment(self, args: Properties) -> Properties:
        found = self._ask(oci.identity.IdentityClient, "get_compartment", args["id"])
        return {"id": found.id, "name": found.name, "compartmentId": found.compartment_id}

    def _subscriptions(self, args: Properties) -> Properties:
        kind, id = oci.identity.IdentityClient, args["tenancyId"]
        found = [
            {
                "regionName": one.region_name,
                "isHomeRegion": one.is_home_region,
                "regionKey": one.region_key or "",
                "state": one.status,
            }
            for one in self._ask(kind, "list_region_subscriptions", id)
        ]
        return {"id": id, "tenancyId": id, "regionSubscriptions": found}

    def _namespace(self, args: Properties) -> Properties:
        client = self.calls.client(oci.object_storage.ObjectStorageClient)
        asked = {"compartment_id": args["compartmentId"]} if "compartmentId" in args else {}
        found = self.calls.ask(client.get_namespace, **asked).data
        return {"id": found, "namespace": found, **args}

    def _publication(self, args: Properties) -> Properties:
        kind, id = oci.marketplace.MarketplaceClient, args["publicationId"]
        found = self._ask(kind, "get_publication", id)
        return {"id": id, "publicationId": id, "state": found.lifecycle_state, "name": found.name}

    def _packages(self, args: Properties) -> Properties:
        client, id = self.calls.client(oci.marketplace.MarketplaceClient), args["publicationId"]
        every = oci.pagination.list_call_get_all_results
        found = self.calls.ask(every, client.list_publication_packages, id).data
        packages = [
            {
                "listingId": one.listing_id or "",
                "packageVersion": one.package_version,
                "packageType": one.package_type,
                "resourceId": one.resource_id or "",
                "timeCreated": "",
            }
            for one in found
        ]
        return {"id": id, "publicationId": id, "publicationPackages": packages}


CLOUD = Oci()
