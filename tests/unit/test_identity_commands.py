"""docs/identities.md: its commands, run as they stand there, give what the pages promise."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from components.aws.identity import SESSION_SECONDS
from components.aws.policies import trust
from components.gcp.permissions import of_environment
from config.fields import Github
from tests.simulators.aws.policy_evaluator import allowed
from tests.unit.identity_commands import STAGING_KEY, TAKES, Noted, run

pytestmark = pytest.mark.unit

STATE, KEY = "STATE", "KEY"
GROUPS = ("packer", "packer-build-westeurope", "dstack-resources-westeurope")


@pytest.fixture(scope="module", params=["preview", "staging"])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[Noted]]:
    return request.param, run(tmp_path_factory.mktemp(request.param), request.param)


def of(found: list[Noted], command: str) -> list[Noted]:
    chosen = [one for one in found if one.command == command]
    assert chosen, command
    return chosen


def test_options_exist_and_none_is_missing(asked: tuple[str, list[Noted]]) -> None:
    for one in asked[1]:
        if one.command.startswith("aws "):
            _, service, operation = one.command.split()
            model = botocore.session.get_session().get_service_model(service)
            name = next(n for n in model.operation_names if xform_name(n, "-") == operation)
            shape = model.operation_model(name).input_shape
            assert shape is not None
            names = {f"--{xform_name(member, '-')}": member for member in shape.members}
            given: dict[str, Any] = {names[option]: v for option, v in one.options.items()}
            if "MaxSessionDuration" in given:
                given["MaxSessionDuration"] = int(given["MaxSessionDuration"])
            assert not ParamValidator().validate(given, shape).has_errors()
        else:
            wanted, besides = TAKES[one.command]
            assert wanted <= set(one.options) <= wanted | besides, one


def test_aws_trusts_one_subject_as_the_stacks_do(asked: tuple[str, list[Noted]]) -> None:
    environment, found = asked
    (role,) = of(found, "aws iam create-role")
    assert role.options["--role-name"] == f"dstack-images-workflow-{environment}"
    assert int(role.options["--max-session-duration"]) == SESSION_SECONDS
    provider = "arn:aws:iam::142421590066:oidc-provider/token.actions.githubusercontent.com"
    github = Github(repository="dstackai/dstack-images", environment=environment)
    expected = trust(provider, github.subjects)["Statement"]
    (statement,) = json.loads(role.options["--assume-role-policy-document"])["Statement"]
    assert [{"Sid": expected[0]["Sid"], **statement}] == expected


def state_of(found: list[Noted], role: str) -> Any:
    (policy,) = (
        one for one in of(found, "aws iam put-role-policy") if one.options["--role-name"] == role
    )
    return json.loads(policy.options["--policy-document"])


def test_aws_lets_each_at_its_own_state(asked: tuple[str, list[Noted]]) -> None:
    environment, found = asked
    own = state_of(found, f"dstack-images-workflow-{environment}")
    prod = state_of(found, "dstack-images-prod")
    bucket = f"arn:aws:s3:::{STATE}"
    key = f"arn:aws:kms:eu-west-1:142421590066:key/{KEY}"
    of_prod = f"{bucket}/.pulumi/stacks/dstack-images/prod.json"
    of_run = f"{bucket}/.pulumi/stacks/dstack-images/stgn-1-1.json"
    for document, action, resource, expected in (
        (prod, "s3:PutObject", of_prod, True),
        (prod, "kms:Encrypt", key, True),
        (own, "s3:ListBucket", bucket, True),
        (own, "s3:GetObject", of_prod, True),
        (own, "s3:PutObject", of_prod, False),
        (own, "s3:DeleteObject", of_prod, False),
        (own, "s3:PutObject", of_run, environment == "staging"),
        (own, "kms:Decrypt", key, environment == "preview"),
        (own, "kms:Encrypt", key, False),
        (own, "kms:Encrypt", key.replace(KEY, STAGING_KEY), environment == "staging"),
    ):
        assert allowed(document, action, resource, {}) is expected, (action, resource)


def test_azure_trusts_and_gives_what_releases_says(asked: tuple[str, list[Noted]]) -> None:
    environment, found = asked
    (credential,) = of(found, "az ad app federated-credential create")
    assert credential.options["--id"] == "ad-app-id"
    assert json.loads(credential.options["--parameters"]) == {
        "name": "github",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": f"repo:dstackai/dstack-images:environment:{environment}",
        "audiences": ["api://AzureADTokenExchange"],
    }
    whole = "/subscriptions/SUBSCRIPTION"
    given = {
        (one.options["--role"], one.options["--scope"])
        for one in of(found, "az role assignment create")
    }
    places = (
        [whole] if environment == "preview" else [f"{whole}/resourceGroups/{g}" for g in GROUPS]
    )
    roles = (
        {"Storage Blob Data Reader"}
        if environment == "preview"
        else {"Contributor", "Storage Blob Data Contributor"}
    )
    assert given == {("Reader", whole)} | {(role, place) for role in roles for place in places}


def test_google_has_a_pool_that_compares_the_environment(asked: tuple[str, list[Noted]]) -> None:
    environment, found = asked
    (provider,) = of(found, "gcloud iam workload-identity-pools providers create-oidc")
    github = Github(repository="dstackai/dstack-images", environment=environment)
    assert provider.options["--attribute-condition"] == of_environment(github)
    pool = provider.options["--workload-identity-pool"]
    assert len(pool) <= 32
    (binding,) = of(found, "gcloud iam service-accounts add-iam-policy-binding")
    assert binding.options["--member"].endswith(
        f"/workloadIdentityPools/{pool}/attribute.repository/{github.name}"
    )
    roles = {one.options["--role"] for one in of(found, "gcloud projects add-iam-policy-binding")}
    if environment == "preview":
        assert roles == {"roles/viewer"}
    else:
        assert "roles/compute.admin" in roles
        assert len(roles) == 4


def test_oracles_reader_reads_limits_and_changes_nothing(tmp_path: Path) -> None:
    found = run(tmp_path, "preview")
    (policy,) = of(found, "oci iam policy create")
    statements = json.loads(policy.options["--statements"])
    assert (
        "Allow group dstack-images-preview to read resource-availability in tenancy" in statements
    )
    verbs = {statement.split()[4] for statement in statements}
    assert verbs <= {"inspect", "read"}
    (member,) = of(found, "oci iam group add-user")
    assert member.options == {"--group-id": "iam-group-id", "--user-id": "iam-user-id"}
    private = tmp_path / "oci.pem"
    assert private.stat().st_mode & 0o077 == 0
    (upload,) = of(found, "oci iam user api-key upload")
    assert "PUBLIC KEY" in Path(upload.options["--key-file"]).read_text()
