"""Gives a job's later steps what the repository's variables say of clouds and of Pulumi's state.

python -m tools.workflow.environment, with VARIABLES set to GitHub's `toJSON(vars)`; RUN_OWNER to
the name of the run, or to nothing in a job that makes no machines; and STACK to the committed stack
that the job runs Pulumi for, if it does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from tools.errors import SetupError
from tools.layout import PROJECT
from tools.workflow.state import check_encryption, check_state

#: The variables of each cloud, which are all there, or none where the job does without it.
CLOUDS: dict[str, tuple[str, ...]] = {
    "aws": ("AWS_WORKFLOW_ROLE", "AWS_REGION"),
    "azure": ("ARM_CLIENT_ID", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID"),
    "gcp": ("GCP_PROVIDER", "GCP_SERVICE_ACCOUNT"),
    "oci": ("OCI_CLI_USER", "OCI_CLI_TENANCY", "OCI_CLI_FINGERPRINT", "OCI_CLI_REGION"),
}
REQUIRED = ("PULUMI_BACKEND_URL", "PULUMI_SECRETS_PROVIDER")


def main() -> int:
    try:
        found = chosen(json.loads(os.environ["VARIABLES"]))
        if stack := os.environ.get("STACK"):
            file = PROJECT / f"Pulumi.{stack}.yaml"
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            check_encryption(file.name, content, found["PULUMI_SECRETS_PROVIDER"])
            check_logins(file.name, content["config"]["dstack-images:clouds"], found)
    except SetupError as error:
        print(f"::error::{error}", file=sys.stderr)
        return 1
    found["DSTACK_IMAGES_LOGS"] = str(Path(os.environ["RUNNER_TEMP"]) / "logs")
    if owner := os.environ.get("RUN_OWNER"):
        found["DSTACK_IMAGES_RUN_OWNER"] = owner
    with Path(os.environ["GITHUB_ENV"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in found.items())
    print("\n".join(found))
    return 0


def chosen(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of this program. Raises SetupError where some are missing or wrong."""
    missing = [name for name in REQUIRED if not variables.get(name)]
    for cloud in CLOUDS.values():
        absent = [name for name in cloud if not variables.get(name)]
        if len(absent) < len(cloud):
            missing.extend(absent)
    if missing:
        raise SetupError(
            f"variables of the repository or of the job's environment are not set: "
            f"{', '.join(missing)}; docs/releases.md has the table"
        )
    known = [*REQUIRED, *(name for cloud in CLOUDS.values() for name in cloud)]
    found = {name: variables[name] for name in known if variables.get(name)}
    if broken := [name for name, value in found.items() if not value.isprintable()]:
        raise SetupError(f"not one line of text: {', '.join(broken)}")
    check_state(found, CLOUDS)
    if "ARM_CLIENT_ID" in found:
        # GitHub vouches for the job whenever a token is over; a session of `az login` ends.
        found["ARM_USE_OIDC"] = "true"
    return found


def check_logins(file: str, clouds: Iterable[str], variables: Mapping[str, str]) -> None:
    """Raises SetupError where one of the clouds of a stack's file has no variables.

    Pulumi would end there too, after minutes, in the words of that cloud.
    """
    absent = [cloud for cloud in CLOUDS if cloud in clouds and CLOUDS[cloud][0] not in variables]
    if absent:
        names = [name for cloud in absent for name in CLOUDS[cloud]]
        raise SetupError(
            f"{file} has {', '.join(absent)}, and no variables to log in there: set "
            f"{', '.join(names)}; docs/releases.md has the table"
        )


if __name__ == "__main__":
    sys.exit(main())
