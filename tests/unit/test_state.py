"""The state of a stack with clouds is never this checkout's alone."""

from pathlib import Path

import pytest

from components.state import must_be_shared
from images.errors import UserError

pytestmark = pytest.mark.unit

SALTED = "encryptionsalt: v1:salt\nconfig: {}\n"


def test_state_of_this_machines_stack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.state, which is for stacks of this machine.*s3://"):
        must_be_shared(tmp_path, "prod", {"PULUMI_BACKEND_URL": f"file://{tmp_path}/.state"})


@pytest.mark.parametrize("backend", ["https://api.pulumi.com", "s3://states", "file:///share"])
def test_any_other_backend_is_the_persons_choice(tmp_path: Path, backend: str) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text(SALTED)
    given = {"PULUMI_BACKEND_URL": backend, "PULUMI_CONFIG_PASSPHRASE": "secret"}
    must_be_shared(tmp_path, "prod", given)
    must_be_shared(tmp_path, "prod", {})


def test_passphrase_in_place_of_the_key_is_told_before_hours_of_baking(tmp_path: Path) -> None:
    """`pulumi stack init` without `--secrets-provider`, whatever the variable says."""
    given = {
        "PULUMI_SECRETS_PROVIDER": "awskms://alias/images?region=eu-west-1",
        "PULUMI_CONFIG_PASSPHRASE": "secret",
    }
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(SALTED)
    with pytest.raises(UserError, match=r"pulumi stack change-secrets-provider.* -s prod"):
        must_be_shared(tmp_path, "prod", given)
    must_be_shared(tmp_path, "prod", {**given, "PULUMI_SECRETS_PROVIDER": "passphrase"})
    file.write_text("secretsprovider: awskms://alias/images?region=eu-west-1\nencryptedkey: abc\n")
    must_be_shared(tmp_path, "prod", given)


def test_empty_passphrase_is_refused_where_it_encrypts(tmp_path: Path) -> None:
    file, empty = tmp_path / "Pulumi.prod.yaml", {"PULUMI_CONFIG_PASSPHRASE": ""}
    must_be_shared(tmp_path, "prod", empty)
    file.write_text("secretsprovider: awskms://alias/states\nencryptedkey: abc\n")
    must_be_shared(tmp_path, "prod", empty)
    file.write_text(SALTED)
    with pytest.raises(UserError, match=r"empty passphrase.*pulumi stack rm prod"):
        must_be_shared(tmp_path, "prod", empty)
    must_be_shared(tmp_path, "prod", {**empty, "PULUMI_CONFIG_PASSPHRASE_FILE": "/run/secret"})
