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
from components.bake import Bake
from components.command import Credentials
from components.publication import Publication, check_published
from components.published_image import ImageArgs, Steps, tags
from images import contract
from images.azure import AzureGallery, AzurePlace, AzureTarget
from images.record import BakeRecord


@dataclass(frozen=True, kw_only=True)
class AzureImageArgs(ImageArgs):
    """What an image has on Azure."""

    target: pulumi.Input[AzureTarget]
    credentials: Credentials | None
    subscription: str
    publication: str
    location: str
    public: PublicArgs | None


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
            wanted=args.wanted,
            group=args.publication,
            location=args.location,
            record=bake.record,
            tags=bake.record.apply(lambda record: tags(args.wanted, record)),
            target=args.target,
            credentials=args.credentials,
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
                wanted=args.wanted,
                bake=bake.record.apply(lambda record: record.name),
                ids={place: published.id},
                target=args.target,
                also=also,
                credentials=args.credentials,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[published]),
        )
        self.image = Steps(
            wanted=args.wanted,
            record=bake.record,
            verification=bake.verification,
            ids={place: published.id},
            place=pulumi.Output.all(bake.record, confirmation, public_name).apply(
                lambda found: self._place(found[0], found[1].found[place], found[2])
            ),
        ).image
        self.register_outputs({"name": args.name})

    def _place(self, record: BakeRecord, id: str, public_name: str | None) -> AzurePlace:
        args, public = self._args, self._args.public
        gallery = public and AzureGallery(
            name=public.gallery,
            public_name=public_name or "",
            definition_id=id.partition("/versions/")[0],
            version=id.rpartition("/")[2],
            version_id=id,
            replicas=dict(public.replicas_of(args.name)),
            end_of_life=public.end_of_life(args.name, record.finished_at),
        )
        return AzurePlace(
            subscription_id=args.subscription,
            resource_group=args.publication,
            location=args.location,
            managed_image_id=None if public else id,
            gallery=gallery,
            disk_controller_types=list(CONTROLLERS) if public else [],
        )


def _copies(public: PublicArgs, name: str) -> list[str]:
    return [f"{region}={count}" for region, count in public.replicas_of(name).items()]
