"""What surrounds a publication in a cloud: a look before anything is made, and one afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.command import Credentials, answer, bakery
from components.content import Wanted
from config.stack import Stack
from images.clouds import Target
from images.job import CheckPublishedJob, PreflightJob, Published


@dataclass(frozen=True)
class PublishPlan:
    """All that a stack means to publish in one cloud: names and places.

    `families` are those that its images join, where a cloud has such.
    """

    stack: Stack
    names: Sequence[str]
    locations: Sequence[str]
    target: pulumi.Input[Target]
    families: Sequence[str] = ()
    credentials: Credentials | None = None


def preflight(
    cloud: str, plan: PublishPlan, after: Sequence[pulumi.Resource] = ()
) -> pulumi.Resource:
    """Fails before anything is baked when something is in the way. Runs when the plan changes.

    `after` are resources without which it would be refused.
    """

    def job(target: Target) -> str:
        return PreflightJob(
            stack=plan.stack.name,
            names=list(plan.names),
            public=plan.stack.public,
            locations=list(plan.locations),
            families=list(plan.families),
            target=target,
        ).model_dump_json()

    return bakery(
        f"{cloud}-preflight",
        "preflight",
        pulumi.Output.from_input(plan.target).apply(job),
        [*plan.names, *plan.locations, *plan.families, plan.stack.audience],
        credentials=plan.credentials,
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )


@dataclass(frozen=True)
class Publication:
    """What was published of an image: an id for each place, of one bake.

    `replacement` is the name of what is to be used instead of a release that retires, known once
    that is published itself; `also` is what else makes it another publication, where an id does not
    say.
    """

    wanted: Wanted
    bake: pulumi.Output[str]
    ids: Mapping[str, pulumi.Output[str]]
    target: pulumi.Input[Target]
    replacement: pulumi.Output[str] | None = None
    also: Sequence[pulumi.Input[str]] = ()
    credentials: Credentials | None = None


def check_published(
    name: str, published: Publication, opts: pulumi.ResourceOptions
) -> pulumi.Output[Published]:
    """Looks it up as dstack's server does. Runs when what is published has changed."""
    wanted, ids = published.wanted, pulumi.Output.all(**published.ids)
    replacement = published.replacement

    def job(bake: str, ids: dict[str, str], target: Target, replacement: str | None) -> str:
        return CheckPublishedJob(
            stack=wanted.stack.name,
            bake=bake,
            name=wanted.name,
            public=wanted.stack.public,
            standing=wanted.standing,
            ids=ids,
            replacement=replacement,
            target=target,
        ).model_dump_json()

    command = bakery(
        f"{name}-check-published",
        "check-published",
        pulumi.Output.all(published.bake, ids, published.target, replacement).apply(
            lambda found: job(*found)
        ),
        [
            wanted.name,
            published.bake,
            *([replacement.apply(lambda name: f"use {name}")] if replacement else []),
            wanted.stack.audience,
            *(
                id.apply(lambda id, place=place: f"{place}={id}")
                for place, id in published.ids.items()
            ),
            *published.also,
        ],
        credentials=published.credentials,
        opts=opts,
    )
    return answer(command, Published)
