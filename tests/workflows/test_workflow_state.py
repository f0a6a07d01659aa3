"""Where state is and what encrypts it: jobs refuse what they could not use, before anything runs.

Of secrets, jobs are given Oracle's key and nothing else. Pulumi Cloud wants PULUMI_ACCESS_TOKEN
("must be set for login during non-interactive CLI sessions", `pkg/backend/backenderr`), a
passphrase its variable, and Azure's storage and vaults a login of the whole job
(`azidentity.NewDefaultAzureCredential` in gocloud.dev/blob/azureblob).
"""

from pathlib import Path

import pytest
import yaml

from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.workflow_files import PROJECT, job
from tools.workflow.state import KEYS, STATE

pytestmark = pytest.mark.unit

runner = test_workflow_jobs.runner


def refused(runner: Runner, name: str) -> str:
    """What a job says that ends before it runs anything of Pulumi."""
    workflow, _, one = name.partition("/")
    runner.run(job(workflow, one))
    assert runner.failed
    assert not [call for call in runner.calls if call.startswith("pulumi")]
    (told,) = [line for line in runner.said.splitlines() if line.startswith("::error")]
    return told


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("PULUMI_BACKEND_URL", "https://api.pulumi.com", "PULUMI_ACCESS_TOKEN"),
        ("PULUMI_BACKEND_URL", "azblob://state?storage_account=a", "no login of `az`"),
        ("PULUMI_BACKEND_URL", "file://~", "disk"),
        ("PULUMI_BACKEND_URL", "s3", "nothing that jobs know"),
        ("PULUMI_SECRETS_PROVIDER", "default", "PULUMI_ACCESS_TOKEN"),
        ("PULUMI_SECRETS_PROVIDER", "passphrase", "PULUMI_CONFIG_PASSPHRASE"),
        ("PULUMI_SECRETS_PROVIDER", "azurekeyvault://v.vault.azure.net/keys/k", "no login of `az`"),
        ("PULUMI_SECRETS_PROVIDER", "hashivault://key", "nothing that jobs know"),
    ],
)
@pytest.mark.parametrize("name", ["prod/plan", "expire/destroy"])
def test_what_no_job_can_use_is_refused_by_name(
    runner: Runner, name: str, variable: str, value: str, why: str
) -> None:
    runner.variables[variable] = value
    told = refused(runner, name)
    assert f"{variable} is {value.partition(':')[0]}" in told
    assert why in told
    assert ("s3://" if variable == "PULUMI_BACKEND_URL" else "awskms://") in told, "a choice"
    assert "docs/releases.md" in told


def test_what_a_cloud_keeps_wants_a_login_there(runner: Runner) -> None:
    for name in [name for name in runner.variables if name.startswith("AWS_")]:
        del runner.variables[name]
    told = refused(runner, "sweep/sweep")
    assert "PULUMI_BACKEND_URL is s3, and nothing logs in to aws" in told
    assert "AWS_WORKFLOW_ROLE" in told


def test_googles_bucket_and_key_do_as_well(runner: Runner) -> None:
    runner.variables["PULUMI_BACKEND_URL"] = "gs://state"
    key = "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k"
    runner.variables["PULUMI_SECRETS_PROVIDER"] = key
    runner.run(job("prod", "plan"))
    assert not runner.failed, runner.said


@pytest.mark.parametrize(
    "encrypted", [{"encryptionsalt": "v1:abc"}, {"secretsprovider": "passphrase"}], ids=str
)
def test_a_stack_that_only_a_passphrase_opens_is_told_with_the_way_out(
    runner: Runner, encrypted: dict[str, str]
) -> None:
    """`pulumi stack init` has written that where it was not given the key."""
    file = runner.checkout / "Pulumi.prod.yaml"
    content = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**encrypted, **content}))
    told = refused(runner, "prod/plan")
    assert "Pulumi.prod.yaml is encrypted by a passphrase" in told
    assert "pulumi stack change-secrets-provider 'awskms://alias/images?region=eu-west-1'" in told


def test_the_page_names_what_jobs_take() -> None:
    text = Path(PROJECT / "docs" / "releases.md").read_text(encoding="utf-8")
    once = text.partition("## Once")[2]
    assert all(f"`{scheme}://" in once for scheme in (*STATE, *KEYS))
