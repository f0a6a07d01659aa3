"""A managed image under its name: how private images are published."""

import pulumi
from pulumi_azure_native import compute
from pulumi_azure_native.compute import outputs

from components.azure.publication import PublicationArgs
from components.child_options import child_options
from components.failures import required
from images.naming import snapshot_name
from images.record import BakeRecord


class ManagedImage(pulumi.ComponentResource):
    """Made from the snapshot of the bake, in the group where dstack's server looks.

    `made` tells one that was deleted and made again from the one before, where Azure says when.
    """

    id: pulumi.Output[str]
    made: pulumi.Output[str]

    def __init__(
        self, name: str, args: PublicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:ManagedImage", name, None, opts)
        snapshot = args.record.apply(_snapshot)
        image = compute.Image(
            f"{name}-image",
            image_name=args.name,
            resource_group_name=args.group,
            location=args.location,
            hyper_v_generation=compute.HyperVGenerationTypes.V2,
            storage_profile=compute.ImageStorageProfileArgs(
                os_disk=compute.ImageOSDiskArgs(
                    os_type=compute.OperatingSystemTypes.LINUX,
                    os_state=compute.OperatingSystemStateTypes.GENERALIZED,
                    snapshot=compute.SubResourceArgs(id=required(snapshot)),
                )
            ),
            tags=args.tags,
            opts=pulumi.ResourceOptions.merge(
                child_options(self, opts, protect=args.wanted.protect),
                pulumi.ResourceOptions(
                    # Azure refuses another disk for an image that is there, and two of one name.
                    replace_on_changes=["storageProfile"],
                    delete_before_replace=True,
                    hooks=args.orphan_hook(args.group),
                ),
            ),
        )
        self.id = image.id
        self.made = image.system_data.apply(_when)
        self.register_outputs({"id": self.id})


def _when(about: outputs.SystemDataResponse | None) -> str:
    return (about.created_at or "") if about else ""


def _snapshot(record: BakeRecord) -> str:
    """Return the snapshot's id: it is beside the content, named after it."""
    group = record.image_id.rpartition("/images/")[0]
    return f"{group}/snapshots/{snapshot_name(record.name)}"
