"""An image of Azure: a bake, given its name in a group or in a gallery."""

from dataclasses import dataclass

import pulumi

from components.azure.gallery_image import (
    CONTROLLERS,
    GalleryImage,
    GalleryImageArgs,
    PublicArgs,
)
from components.azure.managed_image import ManagedImage
from components.azure.publication import PublicationArgs
from components.bake import Bake, BakeArgs
from components.command import Credentials
from components.publication import Publication, check_published
from images import contract
from images.record import BakeRecord, VerificationRecord
from images.tags import BAKE, DIGEST, RELEASE, STACK, VARIANT
from images.targets import AzureTarget


@dataclass(frozen=True)
class AzureImageArgs:
    """One image of one release. With `protect`, nothing of it can be destroyed by accident."""

    bake: BakeArgs
    target: pulumi.Input[AzureTarget]
    credentials: Credentials | None
    name: str
    version: str
    prefix: str
    subscription: str
    publication: str
    location: str
    public: PublicArgs | None
    protect: bool


class AzureImage(pulumi.ComponentResource):
    """Baked, verified, named, confirmed. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: AzureImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:AzureImage", name, None, opts)
        self._args = args
        bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        own = pulumi.ResourceOptions(parent=self, depends_on=[bake])
        named = PublicationArgs(
            name=args.name,
            group=args.publication,
            location=args.location,
            record=bake.record,
            tags=bake.record.apply(self._tags),
            target=args.target,
            credentials=args.credentials,
            protect=args.protect,
        )
        if args.public is None:
            place, public_name = args.publication, None
            published = ManagedImage(name, named, own)
            also = [published.made]
        else:
            place, public_name = args.public.gallery, args.public.public_name
            published = GalleryImage(name, GalleryImageArgs(named, args.public), own)
            also = [published.made, *_copies(args.public, args.name)]
        confirmation = check_published(
            name,
            Publication(
                name=args.name,
                bake=bake.record.apply(lambda record: record.name),
                ids={place: published.id},
                public=args.public is not None,
                target=args.target,
                also=also,
                credentials=args.credentials,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[published]),
        )
        self.image = pulumi.Output.all(
            bake.record, bake.verification, confirmation, public_name
        ).apply(lambda found: self._describe(found[0], found[1], found[2].found[place], found[3]))
        self.register_outputs({"name": args.name})

    def _tags(self, record: BakeRecord) -> dict[str, str]:
        return {
            STACK: pulumi.get_stack(),
            RELEASE: self._args.version,
            VARIANT: record.variant,
            BAKE: record.name,
            DIGEST: record.digest,
        }

    def _describe(
        self,
        record: BakeRecord,
        verification: VerificationRecord | None,
        id: str,
        public_name: str | None,
    ) -> contract.Image:
        args, public = self._args, self._args.public
        content = contract.content(record)
        gallery = public and contract.AzureGallery(
            name=public.gallery,
            public_name=public_name or "",
            definition_id=id.partition("/versions/")[0],
            version=id.rpartition("/")[2],
            version_id=id,
            replicas=dict(public.replicas_of(args.name)),
            end_of_life=public.end_of_life(content.built_at),
        )
        return contract.Image(
            name=args.name,
            variant=record.variant,
            version=args.version,
            prefix=args.prefix,
            content=content,
            verification=contract.verified(verification),
            place=contract.AzurePlace(
                subscription_id=args.subscription,
                resource_group=args.publication,
                location=args.location,
                managed_image_id=None if public else id,
                gallery=gallery,
                disk_controller_types=list(CONTROLLERS) if public else [],
            ),
        )


def _copies(public: PublicArgs, name: str) -> list[str]:
    return [f"{region}={count}" for region, count in public.replicas_of(name).items()]
