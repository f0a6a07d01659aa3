"""An image of Oracle Cloud: a bake, exported once, imported under its name in each region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_oci import Provider, core

from components.bake import Bake
from components.command import answer, bakery
from components.failures import required
from components.oci.listing import ListingArgs, listings
from components.orphans import before_create, orphan_job
from components.publication import Publication, check_published
from components.published_image import ImageArgs, Steps, protected_child, tags
from config.oci import Listing
from images import contract
from images.job import Exported, ExportJob, Published, SupplyJob
from images.oci import OciListing, OciPlace, OciRegion, OciTarget
from images.record import BakeRecord

#: Export and copy of an image of some 5 GB take minutes; dstack's own scripts gave each 40.
_SECONDS = 3600
_MINUTES = _SECONDS // 60


@dataclass(frozen=True, kw_only=True)
class OciImageArgs(ImageArgs):
    """What an image has on Oracle Cloud.

    `listing` is what the Marketplace is told; None: the image stays the compartment's own.
    """

    target: pulumi.Output[OciTarget]
    compartment: str
    namespace: str
    bucket: str
    home_region: str
    regions: Sequence[str]
    providers: Mapping[str, Provider]
    listing: Listing | None


class OciImage(pulumi.ComponentResource):
    """Baked, verified, exported, named, confirmed. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: OciImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:oci:OciImage", name, None, opts)
        self._resource_name, self._args = name, args
        self._bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        exported = self._export()
        named = {region: self._named(region, exported) for region in args.regions}
        ids = {region: image.id for region, image in named.items()}
        confirmation = check_published(
            name,
            Publication(
                wanted=args.wanted,
                bake=self._bake.record.apply(lambda record: record.name),
                ids=ids,
                target=args.target,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(named.values())),
        )
        self.image = Steps(
            wanted=args.wanted,
            record=self._bake.record,
            verification=self._bake.verification,
            ids=ids,
            place=pulumi.Output.all(confirmation, self._listed(ids, confirmation)).apply(
                lambda found: self._place(found[0].found, found[1])
            ),
        ).image
        self.register_outputs({"name": args.name})

    def _export(self) -> pulumi.Output[Exported]:
        """Once for each content; a release of the same content exports nothing."""
        args, record = self._args, self._bake.record

        def job(record: BakeRecord, target: OciTarget) -> str:
            return ExportJob(
                stack=args.wanted.stack.name,
                bake=record.name,
                name=args.name,
                time_limit=_SECONDS,
                target=target,
            ).model_dump_json()

        command = bakery(
            f"{self._resource_name}-export",
            "export",
            pulumi.Output.all(record, args.target).apply(lambda found: job(*found)),
            # A bake's name is of what goes into it; what comes out is another image each time.
            [record.apply(lambda record: record.image_id)],
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._bake],
                custom_timeouts=pulumi.CustomTimeouts(create=f"{_MINUTES + 10}m"),
            ),
        )
        return answer(command, Exported)

    def _named(self, region: str, exported: pulumi.Output[Exported]) -> core.Image:
        args, record = self._args, self._bake.record
        bake = record.apply(lambda record: record.name)
        at_home = region == args.home_region
        object = exported.apply(lambda found: found.object if at_home else found.copy_object)

        def supply(bake: str, object: str, target: OciTarget) -> str:
            return SupplyJob(
                stack=args.wanted.stack.name,
                bake=bake,
                name=args.name,
                location=region,
                object=object,
                time_limit=_SECONDS,
                target=target,
            ).model_dump_json()

        return core.Image(
            f"{self._resource_name}-{region}",
            compartment_id=args.compartment,
            display_name=args.name,
            image_source_details=core.ImageImageSourceDetailsArgs(
                source_type="objectStorageTuple",
                namespace_name=args.namespace,
                bucket_name=args.bucket,
                object_name=required(object),
            ),
            freeform_tags=record.apply(lambda record: tags(args.wanted, record)),
            opts=self._child(
                pulumi.ResourceOptions(
                    provider=args.providers[region],
                    # Oracle does not tell of an image what it was made of, so one that was
                    # taken over seems to have to be made anew; and nothing here ever changes.
                    ignore_changes=["imageSourceDetails"] if args.wanted.stack.immutable else None,
                    depends_on=[self._bake],
                    hooks=before_create(
                        orphan_job(args.wanted, bake, region, args.target),
                        (
                            "supply",
                            pulumi.Output.all(bake, object, args.target).apply(
                                lambda found: supply(*found)
                            ),
                        ),
                    ),
                )
            ),
        )

    def _listed(
        self, ids: Mapping[str, pulumi.Output[str]], confirmation: pulumi.Output[Published]
    ) -> pulumi.Output[dict[str, OciListing]]:
        args = self._args
        if args.listing is None:
            return pulumi.Output.from_input({})
        return listings(
            self._resource_name,
            ListingArgs(
                wanted=args.wanted,
                contact_name=args.listing.contact_name,
                contact_email=args.listing.contact_email,
                record=self._bake.record,
                images=ids,
                confirmation=confirmation,
                target=args.target,
                providers=args.providers,
            ),
            self._child(pulumi.ResourceOptions(delete_before_replace=True)),
        )

    def _child(self, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        return protected_child(self, self._args.wanted, opts)

    def _place(self, images: dict[str, str], listed: dict[str, OciListing]) -> OciPlace:
        place = OciPlace(
            compartment_id=self._args.compartment,
            regions={
                region: OciRegion(image_id=id, listing=listed.get(region))
                for region, id in images.items()
            },
        )
        if waiting := place.waiting():
            words = "; ".join(f"{region}: {what}" for region, what in sorted(waiting.items()))
            pulumi.log.warn(
                f"{self._args.name} is not complete, since servers do not find it everywhere yet "
                f"({words}). `pulumi up` looks again",
                self,
            )
        return place
