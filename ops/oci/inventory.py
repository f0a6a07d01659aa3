"""Custom images of a compartment: content in the home region, published ones in every region."""

from datetime import datetime

from bakery.oci import clients
from bakery.oci.bucket import EXPORTS, Bucket
from bakery.oci.images import Image, Images
from bakery.oci.leftovers import Leftovers, find_all, remove_all, runs_of
from bakery.oci.records import record_of
from bakery.progress import Progress
from config.oci import Oci
from images.naming import BAKES
from images.oci import OciCompartment
from images.tags import BAKE, RELEASE, STACK, VERIFICATION
from ops.inventory import Bake, Found, Use, of_record, read_record


class OciInventory:
    """Content of one compartment, machines of its home region."""

    def __init__(self, chosen: Oci) -> None:
        self._chosen = chosen
        self._home = OciCompartment(region=chosen.home_region, compartment=chosen.compartment)
        self._access = clients.access()
        where = (self._access, chosen.home_region, chosen.compartment)
        with clients.translate_errors(self._home.region):
            self._images = Images(*where)
            self._bucket = Bucket(*where, chosen.bucket)

    def bakes(self) -> list[Bake]:
        regions = dict.fromkeys([self._chosen.home_region, *self._chosen.regions])
        published: list[tuple[str, Image]] = []
        for region in regions:
            with clients.translate_errors(region):
                every = Images(self._access, region, self._chosen.compartment).all()
            published += [(region, image) for image in every if RELEASE in image.tags]
        with clients.translate_errors(self._home.region):
            content = [one for one in self._images.all() if one.name.startswith(BAKES)]
        return [
            self._bake(image, [_use(*each) for each in published if _is_of(each[1], image)])
            for image in content
        ]

    def remove(self, bake: Bake, progress: Progress) -> None:
        """Removes what was exported of that name as well."""
        progress.say(f"removing {bake.name}")
        with clients.translate_errors(self._home.region):
            self._images.remove(bake.id)
            for key in [*self._bucket.keys(f"{EXPORTS}{bake.name}-")]:
                self._bucket.remove(key)

    def runs_of(self, owner: str) -> set[str]:
        with clients.translate_errors(self._home.region):
            return runs_of(self._access, self._home, self._images, owner)

    def left(self, run: str, stack: str) -> Found:
        with clients.translate_errors(self._home.region):
            return find_all(self._access, self._home, self._images, run, stack)

    def clear(self, found: Found, progress: Progress) -> None:
        assert isinstance(found, Leftovers)
        with clients.translate_errors(self._home.region):
            remove_all(self._access, self._home, self._images, found, progress)

    def _bake(self, image: Image, uses: list[Use]) -> Bake:
        record, problem = read_record(lambda: record_of(self._bucket, image))
        place = Bake(
            cloud="oci",
            where=self._home.region,
            name=image.name,
            id=image.id,
            size_gb=image.size_gb,
            baked_by=image.tags.get(STACK),
            baked_at=datetime.fromisoformat(image.created),
        )
        return of_record(place, record, uses, verified=VERIFICATION in image.tags, problem=problem)


def _is_of(published: Image, content: Image) -> bool:
    return published.tags.get(BAKE) == content.name


def _use(region: str, image: Image) -> Use:
    return Use(
        stack=image.tags.get(STACK, "?"),
        release=image.tags[RELEASE],
        where=f"{image.name} in {region}",
    )
