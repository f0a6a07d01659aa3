"""Tell whether what a stack would publish was baked and verified before, image by image.

Content that exists is published as it is, by whichever stack it was baked. What does not is baked
by `pulumi up` and published at once: it passes the checks, but nobody has tried it.
"""

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pydantic import Field
from rich.console import Console

from components.content import Wanted, regional_images
from config.cloud import RegionalSettings
from config.settings import Settings
from config.stack import Stack
from images.catalog import Cloud
from images.errors import UserError
from images.labels import label
from images.record import Fact
from ops.clouds import operations_of
from ops.command import FAILED, FINE, REFUSED, Subparsers, add_json
from ops.inventory import Bake
from ops.places import tell_problems
from ops.stacks import settings_of


class Planned(Fact):
    """One image of a release. `bake` is its content, `state` what becomes of it.

    `published` is what an immutable stack has out already, of whichever content: it stays. `other`
    is the newest bake that there is of the variant, and `differs` what has changed since.
    """

    image: str
    release: str
    bake: str
    state: Literal["published", "exists", "will be baked"]
    baked_by: str | None = None
    age_days: int | None = None
    verified: bool = False
    other: str | None = None
    differs: list[str] = Field(default_factory=list[str])

    @property
    def tested(self) -> bool:
        """Whether it has passed the checks before, somewhere."""
        return self.state == "published" or self.verified

    def __str__(self) -> str:
        of = f"{self.image} {self.release}"
        if self.state == "will be baked":
            since = f": {', '.join(self.differs)} differs from {self.other}" if self.other else ""
            return f"{of}: will be baked, which nobody has tried{since}"
        who = f"{self.bake}, baked by {self.baked_by or 'no stack'}"
        old = "" if self.age_days is None else f" {self.age_days} days ago"
        if self.state == "published":
            return f"{of}: is published, of {who}{old}, and stays so"
        verified = "verified" if self.verified else "NOT VERIFIED"
        return f"{of}: exists as {who}{old}, {verified}"


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "tested", help="whether a stack would publish what was tried", description=__doc__
    )
    parser.add_argument("-s", "--stack", required=True, metavar="STACK", help="by its file")
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help=f"end with {REFUSED} where something was not baked, or not verified",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints a line for each image; 1 where a cloud could not be read."""
    stack: str = arguments.stack.rpartition("/")[2]
    settings = settings_of(stack)
    found: list[Planned] = []
    problems: list[str] = []
    for cloud in settings.clouds.selected():
        try:
            found += planned(settings, cloud, stack)
        except UserError as error:
            problems.append(f"{cloud}: {error}")
    new = [one for one in found if not one.tested]
    if arguments.json:
        told = [{**one.model_dump(), "tested": one.tested} for one in found]
        print(json.dumps({"images": told, "problems": problems, "ok": not new}, indent=2))
    else:
        _show(found, new, problems, console)
    return REFUSED if new and arguments.exit_code else FAILED if problems else FINE


def planned(settings: Settings, cloud: Cloud, stack: str) -> Iterator[Planned]:
    """Each image of a cloud. Raises UserError where its content cannot be looked for."""
    chosen = settings.clouds.selected()[cloud]
    if not isinstance(chosen, RegionalSettings):
        raise UserError(f"`pulumi preview --diff -s {stack}` says what this machine would bake")
    wanted = regional_images(Stack.of(settings, stack, stack), settings, chosen)
    bakes = [bake for bake in operations_of(settings, cloud).inventory().bakes() if _whole(bake)]
    return (_planned(one, bakes) for one in wanted)


def _whole(bake: Bake) -> bool:
    return bake.problem is None


def _planned(wanted: Wanted, bakes: Sequence[Bake]) -> Planned:
    content = wanted.content
    image = Planned(
        image=str(wanted.key), release=wanted.release, bake=content.bake, state="will be baked"
    )
    for bake in bakes:
        if wanted.stack.immutable and _publishes(bake, wanted):
            return image.model_copy(update={**_of(bake), "state": "published"})
    for bake in bakes:
        if bake.name == content.bake:
            return image.model_copy(update={**_of(bake), "state": "exists"})
    records = [bake.record for bake in bakes if bake.record]
    of_variant = [record for record in records if record.variant == wanted.key.variant]
    if not of_variant:
        return image
    newest = max(of_variant, key=lambda record: record.finished_at)
    differs = _names(set(content.inputs) ^ set(newest.inputs))
    return image.model_copy(update={"other": newest.name, "differs": differs})


def _names(inputs: Iterable[str]) -> list[str]:
    return sorted({one.partition("=")[0] for one in inputs})


def _of(bake: Bake) -> dict[str, object]:
    return {
        "bake": bake.name,
        "baked_by": bake.baked_by,
        "age_days": bake.age_days,
        "verified": bake.verified,
    }


def _publishes(bake: Bake, wanted: Wanted) -> bool:
    """Whether the stack's release is of this bake already."""
    stacks = (wanted.stack.name, label(wanted.stack.name))
    return bake.variant == wanted.key.variant and any(
        use.stack in stacks and use.release == wanted.release for use in bake.uses
    )


def _show(found: list[Planned], new: list[Planned], problems: list[str], console: Console) -> None:
    for one in found:
        style = "" if one.tested else "bold red"
        console.print(str(one), style=style, markup=False, highlight=False, soft_wrap=True)
    tell_problems(problems)
    if new:
        console.print(
            f"{len(new)} of {len(found)} would be published though nobody has tried them. Where "
            "staging has them, the two stacks' files differ, or a step has changed since its run: "
            "pin both files, and run staging again",
            soft_wrap=True,
        )
    elif found:
        console.print("nothing would be baked")
    elif not problems:
        console.print("the stack publishes nothing")
