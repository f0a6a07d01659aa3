"""AMIs of an account: content in the home region, published copies in all regions that it has."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from bakery.aws import clients
from bakery.aws.amis import Ami, named, remove
from bakery.aws.leftovers import Leftovers, find, remove_all, runs_of
from bakery.aws.snapshots import LostSnapshot, lost_snapshots, remove_lost
from bakery.progress import Progress
from bakery.records.tags import from_tags, keys
from config.aws import Aws
from images.aws import AwsAccount
from images.naming import BAKES
from images.record import BakeRecord
from images.tags import BAKE, RECORD, RELEASE, STACK, VERIFICATION
from ops.aws.copies import copies, not_for_us
from ops.inventory import Bake, Found, Use, of_record, read_record


@dataclass(frozen=True)
class _Left:
    """What runs have left in the home region, and removals wherever the stack publishes."""

    of_runs: Leftovers
    snapshots: list[LostSnapshot]

    def told(self) -> list[str]:
        return [*self.of_runs.told(), *map(str, self.snapshots)]


class AwsInventory:
    """Content of one home region."""

    def __init__(self, chosen: Aws) -> None:
        self._account = AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint)
        self._published_in = dict.fromkeys([chosen.home_region, *chosen.regions])
        self._ec2 = clients.ec2(self._account)

    def bakes(self) -> list[Bake]:
        with clients.translate_errors(self._account.region):
            content = named(self._ec2, f"{BAKES}*")
        uses, unseen = self._uses() if content else ({}, [])
        return [self._bake(ami, uses.get(ami.name, []), unseen) for ami in content]

    def remove(self, bake: Bake, progress: Progress) -> None:
        with clients.translate_errors(self._account.region):
            for ami in named(self._ec2, bake.name):
                if ami.id == bake.id:
                    progress.say(f"removing {bake.name}: {ami.id} and its snapshots")
                    remove(self._ec2, ami)

    def runs_of(self, owner: str) -> set[str]:
        with clients.translate_errors(self._account.region):
            return runs_of(self._ec2, owner)

    def left(self, run: str, stack: str) -> Found:
        with clients.translate_errors(self._account.region):
            of_runs = find(self._ec2, run, stack)
        return _Left(of_runs, self._lost(stack))

    def clear(self, found: Found, progress: Progress) -> None:
        assert isinstance(found, _Left)
        with clients.translate_errors(self._account.region):
            remove_all(self._ec2, found.of_runs, progress)
        for snapshot in found.snapshots:
            with clients.translate_errors(snapshot.region):
                remove_lost(clients.ec2(self._account, snapshot.region), snapshot, progress)

    def _lost(self, stack: str) -> list[LostSnapshot]:
        """What is left of copies. A region that may not be looked into is told and passed over."""
        found: list[LostSnapshot] = []
        for region in self._published_in:
            with clients.translate_errors(region):
                try:
                    found += lost_snapshots(clients.ec2(self._account, region), region, stack)
                except ClientError as error:
                    if not not_for_us(self._account, region, error):
                        raise
                    Progress().say(f"{region}: snapshots cannot be looked at ({error})")
        return found

    def _bake(self, ami: Ami, uses: list[Use], unseen: list[str]) -> Bake:
        record, problem = read_record(lambda: from_tags(RECORD, ami.tags, BakeRecord))
        place = Bake(
            cloud="aws",
            where=self._account.region,
            name=ami.name,
            id=ami.id,
            size_gb=ami.disk_gb,
            baked_by=ami.tags.get(STACK),
            unseen=unseen,
        )
        verified = bool(keys(VERIFICATION, ami.tags))
        return of_record(place, record, uses, verified=verified, problem=problem)

    def _uses(self) -> tuple[dict[str, list[Use]], list[str]]:
        """Bake to published copies, wherever stacks of this account or others publish them.

        And regions that may not be looked into.
        """
        published, unseen = copies(self._account)
        found: dict[str, list[Use]] = {}
        for region, ami in published:
            use = Use(stack=ami.tags.get(STACK, "?"), release=ami.tags[RELEASE], where=region)
            found.setdefault(ami.tags.get(BAKE, ""), []).append(use)
        return found, unseen
