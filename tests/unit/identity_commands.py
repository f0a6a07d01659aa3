"""Runs the commands of docs/identities.md with clouds' programs that take notes.

What each command takes is from its reference: "az ad app", "az ad app federated-credential",
"az ad sp", "az role assignment"; "gcloud iam" and "gcloud projects"; "oci iam" of the OCI CLI.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.unit.unit_samples import PROJECT

PAGE = (PROJECT / "docs" / "identities.md").read_text(encoding="utf-8")
STAGING_KEY = "STAGING-KEY"
#: What an answer stands for in what follows: the words of the command that gave it.
PROGRAM = f"""#!{sys.executable}
import json, os, pathlib, sys
name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
with open(os.environ["NOTES"], "a") as notes:
    notes.write(json.dumps([name, *words]) + "\\n")
if "--query" in words:
    print("-".join(word for word in words[: words.index("create")]) + "-id")
"""
OF_GROUP = {"--project", "--role", "--member"}
#: Command -> options that it wants, and those that it takes besides.
TAKES: dict[str, tuple[set[str], set[str]]] = {
    "az ad app create": ({"--display-name"}, {"--query", "--output"}),
    "az ad sp create": ({"--id"}, {"--query", "--output"}),
    "az ad app federated-credential create": ({"--id", "--parameters"}, set()),
    "az role assignment create": (
        {"--assignee-object-id", "--assignee-principal-type", "--role", "--scope"},
        set(),
    ),
    "gcloud iam service-accounts create": ({"--project"}, set()),
    "gcloud iam workload-identity-pools create": ({"--project", "--location"}, set()),
    "gcloud iam workload-identity-pools providers create-oidc": (
        {"--project", "--location", "--workload-identity-pool"}
        | {"--issuer-uri", "--attribute-mapping", "--attribute-condition"},
        set(),
    ),
    "gcloud iam service-accounts add-iam-policy-binding": (OF_GROUP, set()),
    "gcloud projects add-iam-policy-binding": ({"--role", "--member"}, {"--condition"}),
    "oci iam group create": ({"--name", "--description"}, {"--query", "--raw-output"}),
    "oci iam user create": ({"--name", "--description"}, {"--query", "--raw-output"}),
    "oci iam group add-user": ({"--group-id", "--user-id"}, set()),
    "oci iam policy create": (
        {"--compartment-id", "--name", "--description", "--statements"},
        set(),
    ),
    "oci iam user api-key upload": ({"--user-id", "--key-file"}, set()),
}


@dataclass(frozen=True)
class Noted:
    """One command: its words, what stands behind them, and its options."""

    command: str
    rest: tuple[str, ...]
    options: dict[str, str]

    @classmethod
    def of(cls, words: list[str]) -> "Noted":
        start = next(n for n, word in enumerate(words) if word.startswith("--"))
        options: dict[str, str] = {}
        for n, word in enumerate(words):
            if word.startswith("--"):
                value = words[n + 1] if n + 1 < len(words) else "--"
                options[word] = "" if value.startswith("--") else value
        head = words[:start]
        known = [c for c in TAKES if " ".join(head).startswith(c)]
        command = max(known, key=len, default=" ".join(head))
        return cls(command, tuple(head[len(command.split()) :]), options)


def run(folder: Path, environment: str) -> list[Noted]:
    """What is asked of the clouds for one environment."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("aws", "az", "gcloud", "oci"):
        (programs / name).write_text(PROGRAM)
        (programs / name).chmod(0o755)
    others = {"preview": "staging", "staging": "preview"}
    texts = re.split(r"^(?=## )", PAGE, flags=re.MULTILINE)
    wanted: list[str] = []
    for text in texts:
        if text.startswith("## Oracle") and environment == "staging":
            continue
        wanted += [
            block
            for before, block in re.findall(r"(?s)([^\n]*\n\n)```sh\n(.*?)^```", text, re.M)
            if f"For `{others[environment]}`" not in before
        ]
    script = "\n".join(wanted).replace(". tools/env", ":")
    script = script.replace("ENVIRONMENT=preview", f"ENVIRONMENT={environment}")
    script = script.replace("STAGING_KEY=KEY", f"STAGING_KEY={STAGING_KEY}")
    for key in ("oci.pem", "oci.public.pem"):
        script = script.replace(f" {key}", f" {folder / key}")
    notes = folder / "notes"
    python = Path(sys.executable).parent
    subprocess.run(
        ["sh", "-euc", script],
        cwd=PROJECT,
        env={"PATH": f"{programs}:{python}:{os.environ['PATH']}", "NOTES": str(notes)},
        check=True,
    )
    return [Noted.of(json.loads(line)) for line in notes.read_text().splitlines()]
