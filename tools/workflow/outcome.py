"""Says how far a release has come, and what a person does next, in summary and annotation.

python -m tools.workflow.outcome CONTRACT VERSION

It writes the output `current`: VERSION where all of that is there, and servers may be told of it.
The exit status is 0 too where nothing but Oracle's review is missing: nobody can do anything about
that today.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from images.contract import Contract, Release
from images.errors import UserError
from images.oci import LISTING_IS
from ops.contracts import read_contract

_AGAIN = "start prod.yml again (not `Re-run jobs`, which takes what this run has read)"


def main(arguments: Sequence[str]) -> int:
    file, version = arguments
    try:
        contract = read_contract(file)
    except UserError as error:
        print(f"::error::{error}")
        return 1
    level, said = outcome(contract, version)
    print(f"::{level} title={version}::{said}")
    _append("GITHUB_STEP_SUMMARY", f"## What now\n\n**{said}**\n\n")
    _append("GITHUB_OUTPUT", f"current={version if level == 'notice' else ''}\n")
    return 1 if level == "error" else 0


def outcome(contract: Contract, version: str) -> tuple[str, str]:
    """The level of GitHub's annotation, and what it says, in one line."""
    found = next((one for one in contract.releases if one.version == version), None)
    if found and found.complete and contract.current == version:
        return "notice", f"nothing of {version} is missing: its release is made"
    if found is None or found.complete:
        return "error", (
            f"the stack has {contract.current or 'nothing'} as its current release, and not "
            f"{version}: Pulumi.prod.yaml has changed since; {_AGAIN}"
        )
    waiting, lacking = _missing(found)
    if not lacking and contract.current == version:
        return "warning", (
            f"{version} stays what servers are told of, and Oracle reviews what is new of it: "
            f"{'; '.join(waiting)}. Its GitHub release stays as it is before Oracle has answered. "
            f"Then {_AGAIN}: it bakes nothing"
        )
    if not lacking:
        return "warning", (
            f"{version} is out on {_whole(found)}, and Oracle reviews the rest: "
            f"{'; '.join(waiting)}. There is no GitHub release of it before Oracle has answered. "
            f"Then {_AGAIN}: it bakes nothing"
        )
    if all(LISTING_IS in one for one in lacking):
        what = f"docs/oci.md#marketplace says how to submit it again; then {_AGAIN}"
    else:
        what = f"the log of `pulumi up` says why; {_AGAIN}: it makes what is missing"
    return "error", f"no release is made, since {version} lacks {'; '.join(lacking)}. {what}"


def _missing(release: Release) -> tuple[list[str], list[str]]:
    """What waits for Oracle's review, and what else is not there, each told once."""
    waiting: dict[str, None] = {}
    lacking: dict[str, None] = {}
    for image in release.images:
        reviewed = image.in_review
        for one in image.missing:
            where = waiting if one.place in reviewed else lacking
            where[f"{image.cloud} {one.place}: {one.reason}"] = None
    return list(waiting), list(lacking)


def _whole(release: Release) -> str:
    """Clouds where all of it is."""
    partial = {image.cloud for image in release.images if image.missing}
    clouds = dict.fromkeys(image.cloud for image in release.images)
    return ", ".join(cloud for cloud in clouds if cloud not in partial) or "no cloud"


def _append(variable: str, text: str) -> None:
    with Path(os.environ[variable]).open("a", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
