"""The gallery of public images."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from components.azure.existing import Claim
from components.azure.settings import Community
from components.command import Environment, bakery
from images.job import Shared, ShareJob
from images.tags import STACK
from images.targets import Target


@dataclass(frozen=True)
class GalleryArgs:
    """Which gallery it is, and what everyone reads of it. `community` None: it is adopted."""

    claim: Claim
    group: pulumi.Input[str]
    location: str
    community: Community | None
    target: pulumi.Input[Target]
    environment: Environment
    kept: bool


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
        made = [] if args.community is None else [self._made(name, args, args.community)]

        def job(target: Target) -> str:
            return ShareJob(stack=pulumi.get_stack(), target=target).model_dump_json()

        shared = bakery(
            f"{name}-share",
            "share",
            pulumi.Output.from_input(args.target).apply(job),
            [args.claim.name],
            environment=args.environment,
            undo="unshare" if made else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=made, protect=args.kept),
        )
        self.shared = shared
        self.public_name = shared.stdout.apply(
            lambda text: Shared.model_validate_json(text).public_name
        )
        self.register_outputs({"public_name": self.public_name})

    def _made(self, name: str, args: GalleryArgs, community: Community) -> compute.Gallery:
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
            tags={STACK: pulumi.get_stack()},
            opts=pulumi.ResourceOptions(parent=self, protect=args.kept, import_=args.claim.id),
        )
