"""What a change of inputs means: nothing, an update in place, or a replacement."""

from collections.abc import Iterable
from typing import Any

from pulumi.runtime.proto import provider_pb2

from command_diff import differences
from tests.simulators.pulumi.names import filled_in, without_marks
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.values import Properties, reveal


def response(rules: Rules, old: Properties, new: Properties, ignored: Iterable[str]) -> Any:
    """The answer to the engine's Diff, of the inputs before and now."""
    skipped = tuple(ignored)
    new = {**{name: value for name, value in old.items() if name in rules.computed}, **new}
    changes = {
        path: change.name
        for path, change in differences(
            reveal(without_marks(old)), reveal(without_marks(new))
        ).items()
        if not _below(path, skipped)
    }
    replacing = [path for path in changes if _below(path, rules.replaced_by)]
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME
        if changes
        else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=replacing,
        diffs=sorted({_top(path) for path in changes}),
        detailedDiff={
            path: provider_pb2.PropertyDiff(
                kind=provider_pb2.PropertyDiff.Kind.Value(
                    change + ("_REPLACE" if path in replacing else "")
                ),
                inputDiff=True,
            )
            for path, change in changes.items()
        },
        hasDetailedDiff=True,
        # Two of one name cannot exist side by side, and this name did not come from Pulumi.
        deleteBeforeReplace=bool(replacing)
        and rules.named_by in new
        and not filled_in(old, rules.named_by)
        and not filled_in(new, rules.named_by),
    )


def _below(path: str, names: Iterable[str]) -> bool:
    return any(path == name or path.startswith((f"{name}.", f"{name}[")) for name in names)


def _top(path: str) -> str:
    return path.split(".")[0].split("[")[0]
