"""A hosted runner: steps of a job one after another, with programs that only take notes.

What the project has is real: `tools/env`, the scripts of `tools/workflow`, `git` and `jq`. What
would build, log in or publish (`pulumi`, `gh`, `make`, `tools/setup`, `python -m ops`) writes its
words down and answers what the test says. As GitHub's documentation has it: `run` is a file for
`bash -eo pipefail` ("Workflow syntax", `shell`), a step that fails skips the later ones that do not
ask for it, what a step appends to GITHUB_ENV is in the environment of those after it, and what it
appends to GITHUB_OUTPUT is known by its `id` ("Workflow commands").
"""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workflows import stack_contracts
from tests.workflows.conditions import holds
from tests.workflows.workflow_files import PROJECT, Job, Step

_NOTES = """#!/usr/bin/env bash
name=$(basename "$0")
echo "$name" "$@" >>"$FAKE/calls"
for words in "$name $1 $2 $3" "$name $1 $2" "$name $1"; do
  [[ -f $FAKE/answers/$words ]] && cat "$FAKE/answers/$words"
  [[ -f $FAKE/status/$words ]] && exit "$(cat "$FAKE/status/$words")"
done
exit 0
"""
#: Tests make user namespaces, which AppArmor denies on ubuntu-24.04 unless that was lifted before:
#: no script of its image does (actions/runner-images 7495144, `install-container-tools.sh`).
_LIFTED = "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
_MAKE = _NOTES.replace(
    "exit 0",
    f"""[[ $1 != test ]] || grep -qx "{_LIFTED}" "$FAKE/calls" || {{
  echo "unshare: write failed /proc/self/uid_map: Operation not permitted"
  exit 1
}}""",
)
#: Python is the project's own, but for modules that would ask a cloud, unless a test wants those.
_PYTHON = """#!/usr/bin/env bash
if [[ $1 == -m && $2 == ops && ! -e $FAKE/real/$3 ]]; then
  shift 2
  exec "$FAKE/bin/ops" "$@"
fi
exec {python} "$@"
"""
#: What an expression is in a job. One that is not here fails the test.
EXPRESSIONS: dict[str, str] = {
    "github.token": "the-token",
    "github.repository": "dstackai/dstack-images",
    "github.run_number": "12",
    "github.run_attempt": "1",
    "github.event.pull_request.number": "34",
    "inputs.image_version": "0.15",
    "inputs.version": "0.15",
    "inputs.max_cost": "400",
    "inputs.build_aws": "true",
    "inputs.build_azure": "true",
    "inputs.build_gcp": "true",
    "inputs.build_oci": "false",
    "secrets.OCI_CLI_KEY_CONTENT": "the-key",
    "vars.VM_IMAGES_REPOSITORY": "dstackai/dstack-images",
}
#: The repository's variables.
VARIABLES = {
    "PULUMI_BACKEND_URL": "s3://state?region=eu-west-1&awssdk=v2",
    "PULUMI_SECRETS_PROVIDER": "awskms://alias/images?region=eu-west-1",
    "AWS_WORKFLOW_ROLE": "arn:aws:iam::123456789012:role/dstack-images",
    "AWS_REGION": "eu-west-1",
    "ARM_CLIENT_ID": "client",
    "ARM_TENANT_ID": "tenant",
    "ARM_SUBSCRIPTION_ID": "subscription",
    "GCP_PROVIDER": "projects/1/locations/global/workloadIdentityPools/p/providers/github",
    "GCP_SERVICE_ACCOUNT": "dstack-images@dstack.iam.gserviceaccount.com",
    "OCI_CLI_USER": "ocid1.user.oc1..user",
    "OCI_CLI_TENANCY": "ocid1.tenancy.oc1..tenancy",
    "OCI_CLI_FINGERPRINT": "00:11",
    "OCI_CLI_REGION": "eu-frankfurt-1",
}


@dataclass
class Runner:
    """Runs jobs. `calls` are the programs that were run, `failed` whether a step has failed."""

    folder: Path
    variables: dict[str, str] = field(default_factory=lambda: dict(VARIABLES))
    expressions: dict[str, str] = field(default_factory=lambda: dict(EXPRESSIONS))
    failed: bool = False
    said: str = ""

    def __post_init__(self) -> None:
        for name in ("bin", "answers", "status", "home", "temp", "real"):
            (self.folder / name).mkdir(parents=True)
        for program in ("pulumi", "gh", "ops", "pipx", "packer", "sudo"):
            self.program(program, _NOTES)
        self.program("make", _MAKE)
        self.program("python", _PYTHON.format(python=sys.executable))
        tracked = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\0")
        for name in filter(None, tracked):
            if (PROJECT / name).is_file() and not name.startswith("tests/"):
                target = self.checkout / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / name, target)
        (self.checkout / "tools" / "setup").write_text(_NOTES, encoding="utf-8")
        self.answer("pulumi stack output", stack_contracts.whole())

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def summary(self) -> str:
        file = self.folder / "summary.md"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @property
    def calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def program(self, name: str, text: str) -> None:
        file = self.folder / "bin" / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)

    def answer(self, words: str, text: str, status: int = 0) -> None:
        """What a program says to a command that begins with these words, up to three of its own."""
        (self.folder / "answers" / words).write_text(text, encoding="utf-8")
        (self.folder / "status" / words).write_text(str(status), encoding="utf-8")

    def begin(self) -> None:
        """Another job, on a runner of its own."""
        self.failed = False
        for name in ("github-env", "github-output"):
            (self.folder / name).unlink(missing_ok=True)
        self.expressions = {
            name: value for name, value in self.expressions.items() if not name.startswith("steps.")
        }

    def run(self, job: Job) -> None:
        """All steps; `uses` of others are taken as done."""
        for step in job.steps:
            outcome = "skipped"
            if self.holds(step.body.get("if", "success()")):
                outcome = "success" if step.run is None else self._outcome(step, job)
            if id := step.body.get("id"):
                self.expressions[f"steps.{id}.outcome"] = outcome
            if outcome == "failure" and not step.body.get("continue-on-error"):
                self.failed = True

    def _outcome(self, step: Step, job: Job) -> str:
        done = self.step(step, job)
        self.said += done.stdout + done.stderr
        written = self.folder / "github-output"
        if (id := step.body.get("id")) and written.exists():
            for line in written.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                self.expressions[f"steps.{id}.outputs.{name}"] = value
        written.unlink(missing_ok=True)
        return "failure" if done.returncode else "success"

    def holds(self, condition: str) -> bool:
        """Whether something with this `if` is run."""
        return holds(condition, self._value, failed=self.failed)

    def _value(self, name: str) -> str:
        if name.startswith("env."):
            return self._exported().get(name[4:], "")
        if name.startswith("vars.") and name not in self.expressions:
            return self.variables.get(name[5:], "")
        # An output that no step has written is an empty text.
        return self.expressions.get(name, "") if ".outputs." in name else self.expressions[name]

    def step(self, step: Step, job: Job) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(step), **self.place(step, job), capture_output=True, text=True, check=False
        )

    def command(self, step: Step) -> list[str]:
        """As GitHub runs it."""
        script = self.folder / "temp" / "step.sh"
        script.write_text(step.run or "", encoding="utf-8")
        return ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]

    def place(self, step: Step, job: Job) -> dict[str, Any]:
        """Where and with which environment a step runs."""
        return {"cwd": self.checkout, "env": self.env(step, job), "stdin": subprocess.DEVNULL}

    def env(self, step: Step, job: Job) -> dict[str, str]:
        base = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "FAKE": str(self.folder),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GITHUB_SHA": "0123abcd",
            "GITHUB_REF_NAME": "main",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "dstackai/dstack-images",
            "GITHUB_ENV": str(self.folder / "github-env"),
            "GITHUB_OUTPUT": str(self.folder / "github-output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }
        own = {**job.body.get("env", {}), **self._exported(), **step.body.get("env", {})}
        return {**base, **{name: self.text(str(value), step, job) for name, value in own.items()}}

    def text(self, value: str, step: Step, job: Job) -> str:
        """With every expression in it replaced."""

        def known(found: re.Match[str]) -> str:
            name = found[1]
            if name == "toJSON(vars)":
                return json.dumps(self.variables)
            if name == "runner.temp":
                return str(self.folder / "temp")
            if name.startswith("env."):
                return self.text(str({**job.body.get("env", {})}[name[4:]]), step, job)
            if name.startswith("inputs.") and name[7:] in step.inputs:
                return self.text(str(step.inputs[name[7:]]), Step(step.body), job)
            return self._value(name)

        return re.sub(r"\$\{\{ (.*?) \}\}", known, value)

    def _exported(self) -> dict[str, str]:
        file = self.folder / "github-env"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return dict(line.split("=", 1) for line in lines)
