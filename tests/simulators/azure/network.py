"""Microsoft.Network, as far as a machine needs it."""

from tests.simulators.azure.resources import NETWORK, PACKER_NETWORK, Id, Kind
from tests.simulators.azure.shapes import Json

#: The address of every machine: one of this computer's own, where nobody can listen, for it stands
#: for all of them.
NOBODY = "127.255.255.255"
_COMMON = ("location", "tags.*")
_INTERFACE = "Microsoft.Network/networkInterfaces"
_VNET = "Microsoft.Network/virtualNetworks"


class NetworkInterface(Kind):
    type, version, others = _INTERFACE, NETWORK, PACKER_NETWORK
    _address = ("subnet.id", "publicIPAddress.id", "privateIPAllocationMethod", "primary")
    fields = (
        *_COMMON,
        "properties.ipConfigurations.name",
        *(f"properties.ipConfigurations.properties.{name}" for name in _address),
        "properties.networkSecurityGroup.id",
        "properties.enableAcceleratedNetworking",
    )
    used_by, in_use = ("Microsoft.Compute/virtualMachines",), (400, "NicInUse")

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        for one in body["properties"].get("ipConfigurations", []):
            subnet = one["properties"].get("subnet", {}).get("id", "")
            self.referred(subnet.rpartition("/subnets/")[0], "the network", body["location"])
            if "publicIPAddress" in one["properties"]:
                address = one["properties"]["publicIPAddress"]["id"]
                self.referred(address, "the public address", body["location"])


class PublicIpAddress(Kind):
    """Packer of old names no SKU. Azure had its Basic for that, and makes no new ones of those."""

    type, version, others = "Microsoft.Network/publicIPAddresses", NETWORK, PACKER_NETWORK
    _given = ("publicIPAllocationMethod", "publicIPAddressVersion", "dnsSettings.domainNameLabel")
    fields = (*_COMMON, "sku.name", "sku.tier", *(f"properties.{name}" for name in _given))
    used_by, in_use = (_INTERFACE,), (400, "PublicIPAddressCannotBeDeleted")

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        body["properties"]["ipAddress"] = NOBODY


class SecurityGroup(Kind):
    type, version, others = "Microsoft.Network/networkSecurityGroups", NETWORK, PACKER_NETWORK
    fields = (*_COMMON, "properties.securityRules.name", "properties.securityRules.properties.*")
    used_by = (_INTERFACE, _VNET)
    in_use = (400, "InUseNetworkSecurityGroupCannotBeDeleted")


class VirtualNetwork(Kind):
    type, version, others = _VNET, NETWORK, PACKER_NETWORK
    _subnet = ("addressPrefix", "networkSecurityGroup.id")
    fields = (
        *(*_COMMON, "properties.addressSpace.addressPrefixes", "properties.subnets.name"),
        *(f"properties.subnets.properties.{name}" for name in _subnet),
    )
    used_by, in_use = (_INTERFACE,), (400, "InUseSubnetCannotBeDeleted")
