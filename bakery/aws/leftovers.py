"""Removes what runs that are dead have left in the home region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from bakery.aws.amis import Ami, plain, remove, with_tag
from bakery.aws.clients import code
from bakery.progress import Progress
from bakery.run_owner import busy, is_dead
from images.tags import BAKE, EXPIRES, RECORD, RUN_OWNER

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, InstanceTypeDef, TagDescriptionTypeDef

_GONE = {"terminated", "shutting-down"}
#: Seconds in which a security group is free of its machine's network interface.
_PATIENCE = 180
#: How Packer calls the groups that it makes, whether or not it tags them.
_PACKERS = "packer_"


@dataclass
class Leftovers:
    """What nobody is at work with any more."""

    instances: list[str] = field(default_factory=list[str])
    groups: set[str] = field(default_factory=set[str])
    keys: set[str] = field(default_factory=set[str])
    volumes: list[str] = field(default_factory=list[str])
    amis: list[Ami] = field(default_factory=list[Ami])

    def told(self) -> list[str]:
        """Each in words."""
        return [
            *(f"machine {name}" for name in self.instances),
            *(f"key pair {name}" for name in sorted(self.keys)),
            *(f"volume {name}" for name in self.volumes),
            *(f"security group {name}" for name in sorted(self.groups)),
            *(f"{ami.id}, a {ami.name} that was never completed" for ami in self.amis),
        ]


def sweep(client: EC2Client, bake: str, stack: str, progress: Progress) -> None:
    """Removes machines, key pairs, groups, volumes and half-made AMIs of dead runs.

    Those of this bake, whose lock is held, and those of any of the stack's bakes whose time is
    over. Raises BakeryError when another machine is at work on this bake.
    """
    remove_all(client, find(client, bake, stack), progress)


def remove_all(client: EC2Client, dead: Leftovers, progress: Progress) -> None:
    """Removes what was found."""
    for name in dead.instances:
        progress.say(f"removing machine {name} that an earlier run left")
    if dead.instances:
        client.terminate_instances(InstanceIds=dead.instances)
        client.get_waiter("instance_terminated").wait(InstanceIds=dead.instances)
    for key in sorted(dead.keys):
        progress.say(f"removing key pair {key} that an earlier run left")
        client.delete_key_pair(KeyName=key)
    for volume in dead.volumes:
        progress.say(f"removing volume {volume} that an earlier run left")
        client.delete_volume(VolumeId=volume)
    for group in sorted(dead.groups):
        progress.say(f"removing security group {group} that an earlier run left")
        _delete_group(client, group)
    for ami in dead.amis:
        progress.say(f"removing {ami.id}, a {ami.name} that was never completed")
        remove(client, ami)


def runs_of(client: EC2Client, owner: str) -> set[str]:
    """Runs of which something is there that the owner drove."""
    of_owner: list[FilterTypeDef] = [
        {"Name": "key", "Values": [RUN_OWNER]},
        {"Name": "value", "Values": [owner]},
    ]
    ids = [tag.get("ResourceId", "") for tag in _tags(client, of_owner)]
    if not ids:
        return set()
    names: list[FilterTypeDef] = [
        {"Name": "key", "Values": [BAKE]},
        {"Name": "resource-id", "Values": ids},
    ]
    return {tag.get("Value", "") for tag in _tags(client, names)}


def _tags(client: EC2Client, which: list[FilterTypeDef]) -> list[TagDescriptionTypeDef]:
    pages = client.get_paginator("describe_tags").paginate(Filters=which)
    return [tag for page in pages for tag in page["Tags"]]


def find(client: EC2Client, bake: str, stack: str) -> Leftovers:
    """What dead runs of the bake have left, and any of the stack's whose time is over.

    With no bake, only the latter. Raises BakeryError when another machine is at work on it.
    """
    dead = Leftovers()
    tagged = [{"Name": "tag-key", "Values": [EXPIRES]}]
    for page in client.get_paginator("describe_instances").paginate(Filters=tagged):  # pyright: ignore[reportArgumentType]
        for reservation in page["Reservations"]:
            for instance in reservation.get("Instances", []):
                _judge_instance(instance, bake, stack, dead)
    for key in client.describe_key_pairs()["KeyPairs"]:
        tags = plain(key.get("Tags", []))
        # Before it had plugins, Packer did not tag keys; the name is the one it was told.
        if is_dead(tags, bake, stack) or (not tags and key.get("KeyName") == bake):
            dead.keys.add(key.get("KeyName", ""))
    for page in client.get_paginator("describe_security_groups").paginate(Filters=tagged):  # pyright: ignore[reportArgumentType]
        for group in page["SecurityGroups"]:
            if is_dead(plain(group.get("Tags", [])), bake, stack):
                dead.groups.add(group.get("GroupId", ""))
    for page in client.get_paginator("describe_volumes").paginate(Filters=tagged):  # pyright: ignore[reportArgumentType]
        dead.volumes += [
            volume.get("VolumeId", "")
            for volume in page["Volumes"]
            if volume.get("State") == "available"
            and is_dead(plain(volume.get("Tags", [])), bake, stack)
        ]
    for ami in with_tag(client, EXPIRES):
        if f"{RECORD}-0" not in ami.tags:
            if is_dead(ami.tags, bake, stack):
                dead.amis.append(ami)
            elif ami.tags.get(BAKE) == bake:
                raise busy(bake, ami.id, ami.tags)
    return dead


def _judge_instance(instance: InstanceTypeDef, bake: str, stack: str, dead: Leftovers) -> None:
    name, tags = instance.get("InstanceId", ""), plain(instance.get("Tags", []))
    gone = instance.get("State", {}).get("Name") in _GONE
    if not is_dead(tags, bake, stack):
        if tags.get(BAKE) == bake and not gone:
            raise busy(bake, name, tags)
        return
    if not gone:
        dead.instances.append(name)
        dead.groups |= {
            group.get("GroupId", "")
            for group in instance.get("SecurityGroups", [])
            if group.get("GroupName", "").startswith(_PACKERS)
        }


def _delete_group(client: EC2Client, group: str) -> None:
    def in_use(error: BaseException) -> bool:
        return isinstance(error, ClientError) and code(error) == "DependencyViolation"

    for attempt in Retrying(
        retry=retry_if_exception(in_use),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_fixed(3),
        reraise=True,
    ):
        with attempt:
            try:
                client.delete_security_group(GroupId=group)
            except ClientError as error:
                if code(error) != "InvalidGroup.NotFound":
                    raise
