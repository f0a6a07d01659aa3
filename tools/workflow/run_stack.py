"""Writes the file of a staging stack of one run: that of `staging`, under a prefix of its own.

python -m tools.workflow.run_stack STACK VERSION CLOUD=true|false...

The file is not committed. A run uses the identity that it was given: it makes none that nobody
would use, and gives nobody rights, which wants more rights than a run should have.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from tools.errors import SetupError
from tools.layout import PROJECT
from tools.workflow.environment import check_logins

_NAMESPACE = "dstack-images"
#: Keys of a cloud that make identities, or give rights to people.
_IDENTITIES = ("github", "clientSecret", "operators", "access")


def main(arguments: Sequence[str]) -> int:
    stack, version, *choices = arguments
    try:
        wanted = _choices(choices)
        committed = yaml.safe_load((PROJECT / "Pulumi.staging.yaml").read_text(encoding="utf-8"))
        provider = os.environ["PULUMI_SECRETS_PROVIDER"]
        content = of_run(committed, stack, version, wanted, provider)
        clouds = content["config"][f"{_NAMESPACE}:clouds"]
        check_logins("the stack of this run", clouds, os.environ)
    except SetupError as error:
        print(f"::error::{error}", file=sys.stderr)
        return 1
    file = PROJECT / f"Pulumi.{stack}.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    print(f"{file.name}: version {version}, prefix {stack}-, clouds {', '.join(clouds)}")
    return 0


def _choices(words: Sequence[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for word in words:
        cloud, _, value = word.partition("=")
        if value not in ("true", "false"):
            raise SetupError(f"{word!r} is not a choice: say {cloud}=true or {cloud}=false")
        found[cloud] = value == "true"
    return found


def of_run(
    committed: Mapping[str, Any],
    stack: str,
    version: str,
    wanted: Mapping[str, bool],
    provider: str,
) -> dict[str, Any]:
    """The stack's file. Raises SetupError where a cloud is asked for that staging does not have.

    `provider` encrypts its secrets, in a second attempt of the run too, when the stack is there.
    """
    config: dict[str, Any] = dict(committed["config"])
    clouds: dict[str, dict[str, Any]] = config[f"{_NAMESPACE}:clouds"]
    chosen = [cloud for cloud, yes in wanted.items() if yes]
    if absent := [cloud for cloud in chosen if cloud not in clouds]:
        raise SetupError(
            f"Pulumi.staging.yaml has no {', '.join(absent)} among its clouds; "
            f"it has {', '.join(clouds)}"
        )
    if not chosen:
        raise SetupError("no cloud is chosen, so that there is nothing to build")
    config[f"{_NAMESPACE}:releases"] = [version]
    config.pop(f"{_NAMESPACE}:retiring", None)
    config[f"{_NAMESPACE}:prefix"] = f"{stack}-"
    config[f"{_NAMESPACE}:clouds"] = {
        cloud: {key: value for key, value in clouds[cloud].items() if key not in _IDENTITIES}
        for cloud in clouds
        if cloud in chosen
    }
    return {"secretsprovider": provider, "config": config}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
