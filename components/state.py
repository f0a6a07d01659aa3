"""Where a stack's state may be: that of a stack with clouds is kept where all who use it find it.

Pulumi has one state and one lock for each backend. With a backend of its own, a second person or a
workflow makes everything a second time, and nobody's lock stops the other ("State and backends",
Pulumi's documentation).
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

from images.errors import UserError

_ADVICE = (
    "Name the backend that this stack is kept in: `export PULUMI_BACKEND_URL=...` with "
    'https://api.pulumi.com, s3://..., azblob://... or gs://...; docs/setup.md, "State", says '
    "what each one wants"
)


def must_be_shared(project: Path, stack: str, environment: Mapping[str, str]) -> None:
    """Raises UserError where the state of a stack with clouds would be this checkout's alone.

    `environment` is that of `pulumi`, which hands it on to its programs. That of `tools/env` is
    meant for the stack of this machine: a folder that `make clean` removes, secrets encrypted
    with an empty passphrase.
    """
    if environment.get("PULUMI_BACKEND_URL") == f"file://{project}/.state":
        raise UserError(
            f"the stack {stack} has clouds, and its state would be in {project / '.state'}, which "
            "is for stacks of this machine: nobody else would find what it makes, and nothing "
            f"would lock it for them. {_ADVICE}. {_begin_anew(stack)}"
        )
    # A variable of workflows and people, which Pulumi itself does not know.
    key = environment.get("PULUMI_SECRETS_PROVIDER", "")
    if "://" in key and _salted(project, stack):
        raise UserError(
            f"the secrets of the stack {stack} are encrypted with a passphrase, and not with the "
            f"key {key} of PULUMI_SECRETS_PROVIDER: workflows, and whoever else lacks the "
            "passphrase, could not open what this makes. Run `pulumi stack change-secrets-provider "
            f'"$PULUMI_SECRETS_PROVIDER" -s {stack}`, and commit Pulumi.{stack}.yaml'
        )
    empty = environment.get("PULUMI_CONFIG_PASSPHRASE") == ""
    if empty and not environment.get("PULUMI_CONFIG_PASSPHRASE_FILE") and _salted(project, stack):
        raise UserError(
            f"the stack {stack} has clouds, and its secrets would be encrypted with an empty "
            "passphrase, which is for stacks of this machine. Set PULUMI_CONFIG_PASSPHRASE, or "
            "make the stack with a key of your cloud: `pulumi stack init --secrets-provider`; "
            f'docs/setup.md, "State", says how. {_begin_anew(stack)}'
        )


def _begin_anew(stack: str) -> str:
    """`stack init` has written the salt of the first passphrase into the stack's file."""
    return (
        "If `pulumi stack init` has made the stack there, undo that first: "
        f"`pulumi stack rm {stack}` and `git checkout Pulumi.{stack}.yaml`"
    )


def _salted(project: Path, stack: str) -> bool:
    """Whether the stack's secrets are encrypted with a passphrase, as its file says."""
    file = project / f"Pulumi.{stack}.yaml"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, yaml.YAMLError):
        return False
    return isinstance(content, dict) and "encryptionsalt" in content
