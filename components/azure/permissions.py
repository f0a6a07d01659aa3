"""What baking, verifying and publishing need of Azure, and no more.

What each action is for is in "Azure permissions for Compute" and its neighbours; what Packer
calls, in the steps of azure-arm in packer-plugin-azure. A role of Azure ends at a group and cannot
end at names, which is why content has a group of its own.
"""

_ALL = ("Microsoft.Resources/subscriptions/resourceGroups/read",)
#: In the group of content: managed images and snapshots of their disks.
CONTENT = (
    "Microsoft.Compute/images/delete",
    "Microsoft.Compute/images/read",
    "Microsoft.Compute/images/write",
    "Microsoft.Compute/snapshots/beginGetAccess/action",  # and names are made of snapshots
    "Microsoft.Compute/snapshots/delete",
    "Microsoft.Compute/snapshots/read",
    "Microsoft.Compute/snapshots/write",
    *_ALL,
)
#: In the group of builds: machines and what they are connected with.
BUILD = (
    "Microsoft.Compute/disks/beginGetAccess/action",  # a snapshot is a copy of a disk
    "Microsoft.Compute/disks/delete",
    "Microsoft.Compute/disks/read",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachines/generalize/action",
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Network/networkInterfaces/delete",
    "Microsoft.Network/networkInterfaces/join/action",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/networkSecurityGroups/delete",
    "Microsoft.Network/networkSecurityGroups/join/action",
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Network/publicIPAddresses/delete",
    "Microsoft.Network/publicIPAddresses/join/action",
    "Microsoft.Network/publicIPAddresses/read",
    "Microsoft.Network/publicIPAddresses/write",
    "Microsoft.Network/virtualNetworks/delete",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/write",
    "Microsoft.Network/virtualNetworks/write",
    "Microsoft.Resources/deployments/delete",
    "Microsoft.Resources/deployments/operations/read",
    "Microsoft.Resources/deployments/operationstatuses/read",
    "Microsoft.Resources/deployments/read",
    "Microsoft.Resources/deployments/validate/action",
    "Microsoft.Resources/deployments/write",
    *_ALL,
)
#: In the whole subscription: what the marketplace has, what everyone sees of shared galleries, and
#: how that goes which was begun: each service has an address of its own for it, above all groups.
LOOK = (
    "Microsoft.Compute/locations/capsOperations/read",  # galleries
    "Microsoft.Compute/locations/communityGalleries/images/read",
    "Microsoft.Compute/locations/communityGalleries/images/versions/read",  # python -m ops check
    "Microsoft.Compute/locations/diskOperations/read",  # disks and snapshots
    "Microsoft.Compute/locations/operations/read",  # machines and images
    "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read",
    "Microsoft.Network/locations/operationResults/read",
    "Microsoft.Network/locations/operations/read",
    "Microsoft.Resources/subscriptions/operationresults/read",  # the removal of a deployment
)
#: What tells whether content is in use: whatever a stack publishes now, before it may have been the
#: other kind.
_USES = (
    "Microsoft.Compute/galleries/images/read",
    "Microsoft.Compute/galleries/images/versions/read",
    "Microsoft.Compute/galleries/read",
    "Microsoft.Compute/images/read",
    *_ALL,
)
_PRIVATE = ("Microsoft.Compute/images/delete", "Microsoft.Compute/images/write")
_PUBLIC = (
    "Microsoft.Compute/galleries/images/versions/write",
    "Microsoft.Compute/galleries/images/write",
)
_RETIRE = (
    "Microsoft.Compute/galleries/images/delete",
    "Microsoft.Compute/galleries/images/versions/delete",
)


def publish(*, public: bool, protect: bool) -> list[str]:
    """Return the actions of whoever publishes, in the group of publication.

    A gallery may have releases that cannot be made again, and nothing but their names tells them
    from others. So whoever publishes for a stack that is kept can delete none at all.
    """
    if not public:
        return [*_USES, *_PRIVATE]
    return [*_USES, *_PUBLIC, *(() if protect else _RETIRE)]
