"""Every step of every job is run, and what it has run is what is written here."""

import json
from pathlib import Path

import pytest
import yaml

from ops.command import FAILED, REFUSED
from tests.workflows.expected_runs import RUNS, UP_SAID
from tests.workflows.hosted_runner import VARIABLES, Runner
from tests.workflows.stack_contracts import CPU, partial
from tests.workflows.workflow_files import Job, job, jobs

pytestmark = pytest.mark.unit


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    found = Runner(tmp_path / "runner")
    found.answer("pulumi up", UP_SAID)
    found.answer("gh release list", "vm-0.14\n")
    found.answer("gh release view", "", 1)
    found.answer("gh api --silent", "", 1)
    old = {"lastUpdate": "2026-01-01T00:00:00Z", "resourceCount": 9}
    listed = [{"name": "staging", **old}, {"name": "stgn-1", **old}]
    found.answer("pulumi stack ls", json.dumps(listed))
    return found


def prepare(runner: Runner, job: Job) -> None:
    """What steps of others have brought: downloads, a checkout of dstack."""
    contract = (runner.folder / "answers" / "pulumi stack output").read_text()
    folders = {
        "prod/check": runner.checkout / "release",
        "prod/catalog": runner.checkout / "release",
        "prod/release": runner.checkout / "release",
        "use-vm-images/pull-request": runner.folder / "temp" / "images",
    }
    if folder := folders.get(str(job)):
        folder.mkdir()
        (folder / "contract.json").write_text(contract)
    if str(job) == "prod/release":
        for suffix in ("json", "spdx.json.gz"):
            (folders["prod/release"] / f"{CPU}.{suffix}").write_text("{}")
    if job.workflow == "use-vm-images":
        released = (runner.folder / "temp" / "images").rename(runner.folder / "released")
        (released / "notes.md").write_text("What changed.\n")
        # The folder comes with `gh` (`pkg/cmd/release/download`, cli/cli).
        runner.program(
            "gh",
            (runner.folder / "bin" / "gh")
            .read_text()
            .replace(
                "exit 0", f'[[ $2 != download ]] || cp -r {runner.folder}/released "${{@: -1}}"'
            ),
        )
        runner.program("git", (runner.folder / "bin" / "sudo").read_text())
        runner.answer("git diff --quiet", "", 1)
        runner.answer("gh pr list", "0\n")
        version = runner.checkout / "src" / "dstack" / "version.py"
        version.parent.mkdir(parents=True)
        version.write_text('__version__ = "0.0.0"\nvm_base_image = "0.14"\n')
    if job.name == "preview-simulated":
        script = runner.checkout / "tools" / "workflow" / "preview-simulated"
        script.write_text((runner.folder / "bin" / "sudo").read_text())


def test_every_job_is_here() -> None:
    assert {str(job) for job in jobs()} == set(RUNS)


@pytest.mark.parametrize("one", jobs(), ids=str)
def test_job_runs(one: Job, runner: Runner) -> None:
    prepare(runner, one)
    runner.run(one)
    assert not runner.failed, runner.said
    stack, wanted = RUNS[str(one)]
    calls = runner.calls
    earlier = next((call.split()[-1] for call in calls if call.startswith("gh release do")), "")
    words = {"stack": stack, "temp": f"{runner.folder}/temp", "earlier": earlier}
    for line in wanted:
        for name, value in words.items():
            line = line.replace(f"{{{name}}}", value)
        assert calls, f"not run: {line}"
        assert calls.pop(0) == line
    assert calls == []


def test_what_later_steps_know(runner: Runner) -> None:
    runner.run(job("prod", "up"))
    exported = dict(
        line.split("=", 1) for line in (runner.folder / "github-env").read_text().splitlines()
    )
    assert exported == {
        **VARIABLES,
        "ARM_USE_OIDC": "true",
        "DSTACK_IMAGES_LOGS": f"{runner.folder}/temp/logs",
        "DSTACK_IMAGES_RUN_OWNER": "github-prod",
    }
    key = runner.folder / "home" / ".oci" / "key.pem"
    assert key.read_text() == "the-key\n"
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("one", ["prod/plan", "prod/up", "staging/up", "test/preview"])
def test_a_cloud_of_the_stack_without_a_login_is_told_before_anything_runs(
    runner: Runner, one: str
) -> None:
    """Pulumi wants each cloud of the stack, whoever is logged in."""
    for name in [name for name in VARIABLES if name.startswith(("GCP_", "ARM_"))]:
        del runner.variables[name]
    runner.run(job(*one.split("/")))
    assert runner.failed
    assert "has azure, gcp, and no variables to log in there" in runner.said
    assert not [call for call in runner.calls if call.startswith("pulumi")]


def test_a_cloud_that_the_stack_does_without_needs_no_login(runner: Runner) -> None:
    for name in [name for name in VARIABLES if name.startswith("OCI_")]:
        del runner.variables[name]
    runner.run(job("staging", "up"))
    assert not runner.failed, runner.said
    assert not (runner.folder / "home" / ".oci").exists()


def test_no_login_is_tried_where_there_are_no_variables(runner: Runner) -> None:
    for name in [name for name in VARIABLES if name.startswith(("OCI_", "ARM_"))]:
        del runner.variables[name]
    runner.run(job("sweep", "sweep"))
    assert not runner.failed, runner.said
    assert not (runner.folder / "home" / ".oci").exists()
    assert "ARM_USE_OIDC" not in (runner.folder / "github-env").read_text()


@pytest.mark.parametrize("missing", ["PULUMI_BACKEND_URL", "AWS_REGION", "ARM_TENANT_ID"])
def test_a_missing_variable_is_told_before_anything_runs(runner: Runner, missing: str) -> None:
    del runner.variables[missing]
    runner.run(job("prod", "up"))
    assert runner.failed
    assert f"not set: {missing}; docs/releases.md" in runner.said
    assert not [call for call in runner.calls if call.startswith("pulumi up")]


def test_what_could_not_log_in_sweeps_nothing(runner: Runner) -> None:
    """Without the run's name, the sweep would be of everybody's machines."""
    runner.answer("setup --only clouds", "", 1)
    runner.run(job("prod", "up"))
    assert runner.failed
    assert runner.calls == ["setup --only clouds --pinned"]


def test_the_stack_of_a_run_has_the_chosen_clouds_and_no_identity(runner: Runner) -> None:
    runner.run(job("staging", "up"))
    content = yaml.safe_load((runner.checkout / "Pulumi.stgn-12.yaml").read_text())["config"]
    assert content["dstack-images:releases"] == ["0.15"]
    assert content["dstack-images:prefix"] == "stgn-12-"
    clouds = content["dstack-images:clouds"]
    assert sorted(clouds) == ["aws", "azure", "gcp"]
    assert not [cloud for cloud, section in clouds.items() if "github" in section]


def test_a_version_that_is_not_the_files_stops_the_release(runner: Runner) -> None:
    runner.expressions["inputs.image_version"] = "0.99"
    runner.run(job("prod", "plan"))
    assert runner.failed
    assert "has 0.15 as its current release, not 0.99" in runner.said
    assert not [call for call in runner.calls if "preview" in call]


def test_a_release_that_retires_is_not_the_current_one(runner: Runner) -> None:
    file = runner.checkout / "Pulumi.prod.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"]["dstack-images:releases"] = ["0.15", "0.16"]
    content["config"]["dstack-images:retiring"] = {"0.16": "2027-03-31"}
    file.write_text(yaml.safe_dump(content))
    runner.run(job("prod", "plan"))
    assert not runner.failed, runner.said


def test_what_is_looked_at_before_approval_is_in_the_summary(runner: Runner) -> None:
    runner.answer("ops quota", "eu-west-1: 5 of 5 public AMIs are used\n", REFUSED)
    runner.answer("ops cost", "12 dollars\n")
    runner.run(job("prod", "plan"))
    assert runner.failed, "no quota, no release"
    assert f"**It failed, with status {REFUSED}.**" in runner.summary
    assert "5 of 5 public AMIs" in runner.summary
    assert "12 dollars" in runner.summary, "all is told at once"


def test_a_limit_that_cannot_be_read_is_for_who_approves(runner: Runner) -> None:
    """A release must not wait for the right to read a limit, nor for a cloud that is down."""
    runner.answer("ops quota", "problem: oci: these credentials may not read limits\n", FAILED)
    runner.run(job("prod", "plan"))
    assert not runner.failed, runner.said
    assert "**Not all of it could be told" in runner.summary
    assert "may not read limits" in runner.summary
    assert "::warning title=Quota::" in runner.said


#: As Pulumi words it (tests/engine/test_unreached.py has the same from the real engine).
UNREACHED = """\
Diagnostics:
  pulumi:pulumi:Stack (dstack-images-prod):
    error: not reached: gcp. Nothing there is changed; the rest of the stack goes on. The reasons:
    the credentials of this environment are refused
    error: not reached: gcp, which this preview says nothing of.
    error: an unhandled error occurred: Program exited with non-zero exit code: 1
"""
ANOTHER = UNREACHED + "    error: aws:ec2/ami:Ami resource 'cpu' has a problem: Missing name\n"


@pytest.mark.parametrize(("said", "stops"), [(UNREACHED, False), (ANOTHER, True)])
def test_a_cloud_that_is_not_reached_is_for_who_approves(
    runner: Runner, said: str, stops: bool
) -> None:
    runner.answer("pulumi preview", said, 255)
    runner.run(job("prod", "plan"))
    assert runner.failed == stops, runner.said
    assert "not reached: gcp" in runner.summary
    assert ("::warning title=Preview of prod::" in runner.said) != stops


def test_a_failed_up_publishes_no_contract_and_is_cleaned_up_after(runner: Runner) -> None:
    runner.answer("pulumi up", UP_SAID, 255)
    runner.answer("pulumi stack output", partial())
    runner.run(job("prod", "up"))
    assert runner.failed
    assert not (runner.checkout / "release").exists()
    assert runner.calls[-1] == "ops sweep --stack prod --run github-prod --yes"
    assert not [call for call in runner.calls if "cancel" in call], "Pulumi has lifted its lock"
    assert "0.15 dstack-cuda-0.15 eu-west-1: not published" in runner.summary
