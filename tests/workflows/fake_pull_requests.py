"""`gh pr` of one repository, as far as `use-vm-images.yml` asks.

What it knows is in the file PULL_REQUESTS: `open` (branch -> `title`, `body`, and `fork` where the
branch is another repository's), and `allowed`, whether Actions may open any. `list` has open ones,
those of forks too whose branch has that name; `create` ends where there is one already (cli/cli,
`pkg/cmd/pr/{list,create,edit}`). GitHub refuses a workflow's own token unless a
setting allows it ("Managing GitHub Actions settings for a repository", GitHub Docs), in the words
of BerriAI/litellm#21618.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FILE = Path(os.environ["PULL_REQUESTS"])
STATE: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb")
    parser.add_argument("branch", nargs="?")
    for flag in ("--head", "--json", "--jq", "--title", "--body-file"):
        parser.add_argument(flag)
    options = parser.parse_args(sys.argv[2:])
    branch = options.branch or options.head
    found = STATE["open"].get(branch)
    if options.verb == "list":
        listed = [{"isCrossRepository": found.get("fork", False)}] if found else []
        text = json.dumps(listed)
        done = subprocess.run(["jq", options.jq], input=text, text=True, check=True)
        sys.exit(done.returncode)
    if options.verb == "create":
        if not STATE["allowed"]:
            sys.exit(
                "pull request create failed: GraphQL: GitHub Actions is not permitted to create or "
                "approve pull requests (createPullRequest)"
            )
        if found and not found.get("fork"):
            sys.exit(f'a pull request for branch "{branch}" into branch "master" already exists')
        STATE["open"][branch] = {"title": options.title}
    STATE["open"][branch]["body"] = Path(options.body_file).read_text(encoding="utf-8")
    FILE.write_text(json.dumps(STATE), encoding="utf-8")


if __name__ == "__main__":
    main()
