"""`gh` before a repository's releases, as far as `tools/workflow/publish` asks.

What it knows is in the file GITHUB_STATE: `tags` (name -> commit), `releases` (tag -> `draft`,
`assets`, `notes`), and how GitHub is today:

- `workflows_differ`: `.github/workflows` of the commit is not that of the default branch any more.
  A release that would make its own tag there wants the right `workflows: write`, which no job's
  token has: HTTP 403 (cli/cli#9514, softprops/action-gh-release#411).
- `tags_refused`: a tag by itself is refused then too (mathieudutour/github-tag-action#138).
- `cut_off`: the job ends while the first file is uploaded.

With files, `gh release create` makes a draft, uploads, and publishes at the end; `gh release view`
finds drafts too; `gh release edit` changes what its flags name and nothing else (cli/cli,
`pkg/cmd/release/{create/create,shared/fetch,edit/edit}.go`).
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

FILE = Path(os.environ["GITHUB_STATE"])
STATE: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
NOT_ALLOWED = "HTTP 403: Resource not accessible by integration"


def fail(said: str) -> NoReturn:
    sys.exit(said)


def api() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("-f", action="append", default=[])
    parser.add_argument("--silent", action="store_true")
    options = parser.parse_args(sys.argv[2:])
    fields = dict(word.split("=", 1) for word in options.f)
    git = "repos/dstackai/dstack-images/git"
    if options.path == f"{git}/refs":
        tag = fields["ref"].removeprefix("refs/tags/")
        if tag in STATE["tags"]:
            fail("gh: Reference already exists (HTTP 422)")
        if STATE.get("tags_refused"):
            fail("gh: Resource not accessible by integration (HTTP 403)")
        STATE["tags"][tag] = fields["sha"]
    elif options.path.removeprefix(f"{git}/ref/tags/") not in STATE["tags"]:
        fail("gh: Not Found (HTTP 404)")


def release() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb")
    parser.add_argument("tag")
    parser.add_argument("files", nargs="*", type=Path)
    for flag in ("--target", "--title", "--notes-file", "--draft"):
        parser.add_argument(flag)
    for flag in ("--verify-tag", "--clobber"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args(sys.argv[2:])
    tag, known = options.tag, STATE["releases"]
    if options.verb == "create":
        if options.verify_tag and tag not in STATE["tags"]:
            fail(f"tag {tag} doesn't exist in the repo, aborting due to --verify-tag flag")
        if tag not in STATE["tags"] and options.target and STATE.get("workflows_differ"):
            fail(NOT_ALLOWED)
        known[tag] = {"draft": True, "assets": []}
    elif tag not in known:
        fail("release not found")
    found = known[tag]
    if options.notes_file:
        found["notes"] = Path(options.notes_file).read_text(encoding="utf-8")
    for file in options.files:
        if STATE.pop("cut_off", False):
            FILE.write_text(json.dumps(STATE), encoding="utf-8")
            sys.exit(130)
        if file.name in found["assets"] and not options.clobber:
            fail(f"asset under the same name already exists: {file.name}")
        found["assets"] = sorted({*found["assets"], file.name})
    if options.verb == "create":
        STATE["tags"].setdefault(tag, options.target)
        found["draft"] = False
    elif options.draft is not None:
        found["draft"] = options.draft == "true"


if __name__ == "__main__":
    {"api": api, "release": release}[sys.argv[1]]()
    FILE.write_text(json.dumps(STATE), encoding="utf-8")
