"""Verify what was downloaded: whether contract, records and bills of materials belong together.

Everything is done on this machine. With a bundle, GitHub's `gh` says as well who made the contract.
What could not be looked at is said too.
"""

import hashlib
import json
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

from pydantic import ValidationError
from rich.console import Console

from images.contract import Content, Contract
from images.contract_reader import read
from images.digest import digest_of
from images.errors import UserError
from images.record import BakeRecord, Sbom
from images.sbom import read_sbom
from ops.command import DIFFERS, FINE, Subparsers, add_json
from ops.contracts import read_text

#: Parts of messages of `gh` that say nothing of the bundle: it is too old to know attestations,
#: cannot fetch the trusted root (`--trusted-root` spares that), or takes the file by its name for
#: one of another form.
_NO_ANSWER = (
    *("unknown command", "unknown flag", "TUF", "dial tcp", "no such host"),
    *("extension not supported", "could not be parsed"),
)
_MARKS = {"ok": "[green]ok[/]", "wrong": "[red]WRONG[/]", "not checked": "not checked"}
_SECONDS = 120
#: What attests in the repository.
_WORKFLOW = ".github/workflows/prod.yml"


@dataclass(frozen=True)
class Finding:
    """One statement that was looked at, or was not."""

    what: str
    result: Literal["ok", "wrong", "not checked"]
    why: str = ""


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "verify", help="whether downloaded documents belong together", description=__doc__
    )
    parser.add_argument("contract", type=Path, help="a file with the stack's contract")
    parser.add_argument("--records", type=Path, metavar="FOLDER", help="records, <bake>.json")
    parser.add_argument("--sboms", type=Path, metavar="FOLDER", help="<bake>.spdx.json.gz")
    parser.add_argument("--bundle", type=Path, metavar="FILE", help="attestation of the contract")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="whose workflow must have made it")
    parser.add_argument("--trusted-root", type=Path, metavar="FILE", help="for `gh` offline")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Says of each statement whether it holds; the status is not 0 where one does not."""
    if (arguments.bundle is None) != (arguments.repo is None):
        raise UserError("--bundle and --repo go together: what was signed, and who must have")
    contract = read(read_text(str(arguments.contract)))
    found = [_maker(arguments), *_contents(contract, arguments.records, arguments.sboms)]
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for each in found:
            why = f": {each.why}" if each.why else ""
            console.print(_MARKS[each.result], end=" ")
            console.print(f"{each.what}{why}", markup=False, highlight=False, soft_wrap=True)
    return DIFFERS if any(finding.result == "wrong" for finding in found) else FINE


def _maker(arguments: Namespace) -> Finding:
    """What `gh attestation verify` says of the contract.

    Its exit status alone is no proof: up to 2.66 it was 0 as well where the bundle had no
    attestation of the kind (cli/cli#10418), of which it then lists none.
    """
    if arguments.bundle is None:
        return Finding(
            f"who made {arguments.contract}", "not checked", "no --bundle of an attestation"
        )
    what = f"{arguments.contract} was made by a workflow of {arguments.repo}"
    if shutil.which("gh") is None:
        return Finding(what, "not checked", "there is no `gh` on this machine")
    root = ["--custom-trusted-root", arguments.trusted_root] if arguments.trusted_root else []
    command = [
        *("gh", "attestation", "verify", arguments.contract, "--repo", arguments.repo),
        *("--signer-workflow", f"{arguments.repo}/{_WORKFLOW}"),
        *("--bundle", arguments.bundle, "--format", "json", *root),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Finding(what, "not checked", f"`gh` gave no answer within {_SECONDS} s")
    if done.returncode == 0:
        verified = _has_entries(done.stdout)
        why = "" if verified else "`gh` found no attestation of it in the bundle"
        return Finding(what, "ok" if verified else "wrong", why)
    said = next(reversed(done.stderr.strip().splitlines()), "")
    unanswered = any(words in done.stderr for words in _NO_ANSWER)
    return Finding(what, "not checked" if unanswered else "wrong", said)


def _has_entries(text: str) -> bool:
    try:
        found: object = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, list) and bool(cast(list[object], found))


def _contents(contract: Contract, records: Path | None, sboms: Path | None) -> Iterator[Finding]:
    every = {
        image.content.bake: image.content
        for release in contract.releases
        for image in release.images
        if image.content
    }
    for bake, content in sorted(every.items()):
        record = _record(bake, content, records)
        yield record
        known = content.sbom
        if known is None and record.result == "ok" and records:
            # One that was made afterwards is in no contract.
            known = BakeRecord.model_validate_json((records / f"{bake}.json").read_bytes()).sbom
        yield _sbom(bake, known, content, sboms)


def _record(bake: str, content: Content, records: Path | None) -> Finding:
    what = f"record of {bake} is what the contract says"
    file = records / f"{bake}.json" if records else None
    if file is None or not file.is_file():
        return Finding(what, "not checked", "it is not there" if file else "no --records")
    try:
        record = BakeRecord.model_validate_json(file.read_bytes())
    except ValidationError as error:
        return Finding(what, "wrong", f"{file} is no record: {error.errors()[0]['msg']}")
    if digest_of(record.inputs) != record.digest:
        return Finding(what, "wrong", "its digest is not that of its inputs")
    pairs = {
        "digest": (record.digest, content.digest),
        "list of packages": (record.packages.sha256, content.package_list_sha256),
        "versions": (record.versions, content.versions),
        "Docker images": (record.docker_images, content.docker_images),
        "source": (record.source.resolved, content.source_resolved),
        # One that was made afterwards is in no contract.
        "bill of materials": (record.sbom, content.sbom or record.sbom),
    }
    wrong = [name for name, (one, other) in pairs.items() if one != other]
    return Finding(what, "wrong", f"another {', '.join(wrong)}") if wrong else Finding(what, "ok")


def _sbom(bake: str, known: Sbom | None, content: Content, sboms: Path | None) -> Finding:
    what = f"bill of materials of {bake} is what its record says"
    if known is None:
        return Finding(what, "not checked", "the bake is from before there were any")
    file = sboms / f"{bake}.spdx.json.gz" if sboms else None
    if file is None or not file.is_file():
        return Finding(what, "not checked", "it is not there" if file else "no --sboms")
    body = file.read_bytes()
    if hashlib.sha256(body).hexdigest() != known.sha256:
        return Finding(what, "wrong", f"{file} has another SHA-256")
    listed = read_sbom(body, str(file))
    if (listed.bake, listed.docker_images) != (bake, content.docker_images):
        return Finding(what, "wrong", "it is of another bake, or of other Docker images")
    if len(listed.packages) != content.package_count:
        return Finding(what, "wrong", f"it has {len(listed.packages)} packages")
    return Finding(what, "ok", "names only" if known.names_only else "")
