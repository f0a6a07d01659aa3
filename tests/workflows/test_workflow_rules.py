"""Rules that every workflow keeps: what may run, by whom it is trusted, and how long it takes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.aws.identity import SESSION_SECONDS
from config.settings import Settings
from ops.sweep import PATIENCE
from tests.image.chroot.namespaces import SETTING
from tests.workflows.workflow_files import ACTIONS, FILES, PROJECT, Job, job, jobs, load, runs

pytestmark = pytest.mark.unit

EACH_FILE = pytest.mark.parametrize("file", [*FILES, *ACTIONS], ids=lambda file: file.stem)
EACH_JOB = pytest.mark.parametrize("one", jobs(), ids=str)
#: Of hosted runners: a job ends after six hours ("Usage limits", GitHub Docs).
HOSTED_MINUTES = 360
#: What a job's token may do beyond reading the code.
MAY: dict[str, set[str]] = {
    "test/preview": {"id-token"},
    "test/comment": {"pull-requests"},
    "staging/up": {"id-token"},
    "expire/destroy": {"id-token"},
    "sweep/sweep": {"id-token"},
    "prod/plan": {"id-token"},
    "prod/up": {"id-token"},
    "prod/check": {"id-token"},
    "prod/catalog": {"id-token"},
    "prod/release": {"contents", "id-token", "attestations"},
    "use-vm-images/pull-request": {"contents", "pull-requests"},
}
#: And what it may read beyond that.
READS: dict[str, set[str]] = {"prod/check": {"actions"}}
#: Job -> the environment whose rules and variables it has. That of prod wants an approval.
ENVIRONMENTS = {
    "test/preview": "preview",
    "staging/up": "staging",
    "expire/destroy": "staging",
    "sweep/sweep": "preview",
    "prod/plan": "preview",
    "prod/up": "production",
    "prod/check": "preview",
    "prod/catalog": "${{ vars.CATALOG_ENVIRONMENT }}",
}


@EACH_FILE
def test_actions_are_pinned_by_commit_and_say_their_version(file: Path) -> None:
    for line in re.findall(r"uses: (.*)", file.read_text(encoding="utf-8")):
        own = line.startswith("./.github/actions/")
        assert own or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_is_of_one_commit_everywhere() -> None:
    found: dict[str, set[str]] = {}
    for file in [*FILES, *ACTIONS]:
        for name, pin in re.findall(r"uses: ([\w/-]+)@(.*)", file.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(pin)
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


@pytest.mark.parametrize(("where", "run"), runs(), ids=lambda value: str(value)[:30])
def test_shell_is_short_and_has_no_expression(where: str, run: str) -> None:
    """An expression in a shell is text that somebody else may have written, run as commands."""
    assert "${{" not in run
    assert len(run.strip().splitlines()) <= 5, "longer shell is a script of the repository"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_pipe_that_fails_fails_the_step(file: Path) -> None:
    """Without a word, the shell is `bash -e`; with it, `bash -eo pipefail`, as tests run steps."""
    assert load(file)["defaults"] == {"run": {"shell": "bash"}}


@EACH_FILE
def test_nothing_runs_with_credentials_for_code_of_strangers(file: Path) -> None:
    body = load(file)
    events: dict[str, Any] = body.get(True, {})  # type: ignore[call-overload]
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(events)


@EACH_JOB
def test_least_permissions(one: Job) -> None:
    workflow = load(next(file for file in FILES if file.stem == one.workflow))
    assert workflow["permissions"] == {}
    given: dict[str, str] = one.body["permissions"]
    assert {name for name, right in given.items() if right == "write"} == MAY.get(str(one), set())
    reads = {name for name, right in given.items() if right == "read"} - {"contents"}
    assert reads == READS.get(str(one), set())


@EACH_JOB
def test_who_logs_in_is_bound_to_an_environment(one: Job) -> None:
    """The roles' trust names the environment, whose rules say who may start a job in it."""
    assert one.body.get("environment") == ENVIRONMENTS.get(str(one))
    logs_in = any("aws-actions/" in str(step.body.get("uses")) for step in one.steps)
    assert logs_in == (str(one) in ENVIRONMENTS)


def test_the_catalog_is_published_after_the_check_and_only_where_that_is_wanted() -> None:
    one = job("prod", "catalog").body
    assert one["needs"] == "check"
    assert one["if"].startswith("vars.CATALOG_ENVIRONMENT != '' && ")
    assert "catalog" not in str(job("prod", "release").body["needs"]), "which goes on without it"


@EACH_JOB
def test_who_runs_tests_on_ubuntu_may_make_user_namespaces(one: Job) -> None:
    """As the message of a test asks of a person whose machine denies them."""
    commands = [step.run.strip() for step in one.steps if step.run]
    if "make test" in commands:
        assert f"sudo sysctl -w kernel.{SETTING.name}=0" in commands[: commands.index("make test")]


def test_a_fork_gets_no_credentials() -> None:
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert same in job("test", "preview").body["if"]
    fork = job("test", "preview-simulated")
    assert same.replace("==", "!=") in fork.body["if"]
    assert "secrets." not in yaml.safe_dump(fork.body)
    assert "vars" not in yaml.safe_dump(fork.body)


@EACH_JOB
def test_limits_of_a_job_add_up_to_less_than_six_hours(one: Job) -> None:
    limit = one.body["timeout-minutes"]
    assert limit < HOSTED_MINUTES
    own = [step.get("timeout-minutes") for step in one.body["steps"]]
    if any(own):
        assert all(own), "one step without a limit takes what the others have left"
        assert sum(own) <= limit
    if any("tools/workflow/up" in (step.run or "") for step in one.steps):
        assert all(own)


@EACH_JOB
def test_a_job_that_is_run_again_may_upload_again(one: Job) -> None:
    """A second attempt has the artifacts of the first, and one of a name that is there is refused
    (409, "Overwriting an Artifact", actions/upload-artifact)."""
    for step in one.steps:
        if "upload-artifact" in step.body.get("uses", ""):
            given = step.body["with"]
            assert given.get("overwrite") or "github.run_attempt" in given["name"]


def up_limits() -> tuple[int, int]:
    """Minutes until `pulumi up` is interrupted, and until it is killed after that."""
    script = (PROJECT / "tools" / "workflow" / "up").read_text(encoding="utf-8")
    found = re.search(r"--kill-after=(\d+)m (\d+)m", script)
    assert found
    return int(found[2]), int(found[1])


@pytest.mark.parametrize("workflow", ["staging", "prod"])
def test_pulumi_is_interrupted_while_its_step_has_time(workflow: str) -> None:
    (step,) = (one for one in job(workflow, "up").body["steps"] if one.get("id") == "up")
    assert sum(up_limits()) < step["timeout-minutes"]


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_the_longest_chain_fits(stack: str) -> None:
    """A bake, its verification, and publication: Azure's replication, exports and imports of
    Oracle Cloud, 40 minutes each; all images at once."""
    content = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    limit = content["config"].get(
        "dstack-images:timeLimitMinutes", Settings.model_fields["time_limit_minutes"].default
    )
    assert 2 * limit + 90 <= up_limits()[0]


@pytest.mark.parametrize("workflow", ["staging", "prod"])
def test_a_session_in_aws_lasts_as_long_as_the_job_and_the_role_allows_it(workflow: str) -> None:
    one = job(workflow, "up")
    (seconds,) = {step.inputs["session-seconds"] for step in one.steps if step.inputs}
    assert one.body["timeout-minutes"] * 60 <= int(seconds) <= SESSION_SECONDS


def test_packer_is_waited_for_while_a_cancelled_job_has_time() -> None:
    """Five minutes for all steps together ("Workflow cancellation reference", GitHub Docs); what
    Packer has not removed takes a minute."""
    assert PATIENCE + 60 <= 5 * 60


def test_a_stack_has_one_run_at_a_time_and_none_is_cut_off() -> None:
    groups = {file.stem: load(file)["concurrency"] for file in FILES}
    assert groups["prod"]["group"] == "pulumi-prod"
    assert groups["staging"]["group"] == "pulumi-stgn-${{ github.run_number }}"
    assert job("staging", "up").body["env"]["STACK"] == "stgn-${{ github.run_number }}"
    cancelled = {name for name, group in groups.items() if group["cancel-in-progress"]}
    assert cancelled == {"test"}


def test_staging_takes_what_dstacks_workflow_takes() -> None:
    """`vm-images.yml` of dstackai/dstack, without the switch between staging and prod."""
    inputs = load(PROJECT / ".github" / "workflows" / "staging.yml")[True]  # type: ignore[index]
    found = inputs["workflow_dispatch"]["inputs"]
    assert list(found) == ["image_version", "build_aws", "build_azure", "build_gcp", "build_oci"]
    assert [one.get("default") for one in found.values()] == [None, True, True, True, True]


def test_prod_takes_no_clouds() -> None:
    """With `pulumi up --exclude`, what was never made has unknown outputs, and so has the contract:
    a run is for all clouds of the file, and makes what is missing."""
    found = load(PROJECT / ".github" / "workflows" / "prod.yml")[True]["workflow_dispatch"]  # type: ignore[index]
    assert list(found["inputs"]) == ["image_version", "max_cost"]
    assert "--exclude" not in (PROJECT / "tools" / "workflow" / "up").read_text(encoding="utf-8")
