"""The gallery of public images."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from components.azure.ownership import Ownership
from components.child_options import child_options
from components.command import answer, bakery
from config.azure import Community
from config.stack import Stack
from images.clouds import Target
from images.job import GalleryJob, OpenGallery
from images.tags import STACK


@dataclass(frozen=True)
class GalleryArgs:
    """Which gallery it is, and what everyone reads of one that the stack makes."""

    stack: Stack
    claim: Ownership
    group: pulumi.Input[str]
    location: str
    community: Community | None
    target: pulumi.Input[Target]


class Gallery(pulumi.ComponentResource):
    """Made, taken over, or adopted as it is; and open to everyone, which Pulumi cannot make it.

    `public_name` is known once it is open. One that the stack made is closed before it is deleted.
    """

    public_name: pulumi.Output[str]
    shared: pulumi.Resource

    def __init__(
        self, name: str, args: GalleryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:Gallery", name, None, opts)
        self._part = child_options(self, opts, protect=args.stack.protect)
        made = [] if args.claim.adopted else [self._made(name, args)]

        def job(target: Target) -> str:
            return GalleryJob(adopted=args.claim.adopted, target=target).model_dump_json()

        # As whoever runs Pulumi: to open a gallery is more than who bakes may do.
        shared = bakery(
            f"{name}-open",
            "open-gallery",
            pulumi.Output.from_input(args.target).apply(job),
            [args.claim.name],
            undo="close-gallery" if made else None,
            opts=pulumi.ResourceOptions.merge(self._part, pulumi.ResourceOptions(depends_on=made)),
        )
        self.shared = shared
        self.public_name = answer(shared, OpenGallery).apply(lambda found: found.public_name)
        self.register_outputs({"public_name": self.public_name})

    def _made(self, name: str, args: GalleryArgs) -> compute.Gallery:
        community = args.community
        assert community is not None
        return compute.Gallery(
            f"{name}-gallery",
            gallery_name=args.claim.name,
            resource_group_name=args.group,
            location=args.location,
            description="dstack's VM images",
            sharing_profile=compute.SharingProfileArgs(
                permissions=compute.GallerySharingPermissionTypes.COMMUNITY,
                community_gallery_info=compute.CommunityGalleryInfoArgs(
                    public_name_prefix=community.prefix,
                    publisher_uri=community.publisher,
                    publisher_contact=community.contact,
                    eula=community.eula,
                ),
            ),
            tags={STACK: args.stack.name},
            opts=pulumi.ResourceOptions.merge(
                self._part, pulumi.ResourceOptions(import_=args.claim.id)
            ),
        )
