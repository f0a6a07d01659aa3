"""`. tools/env`: the shell works for this checkout, whatever it worked for before."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

SHOWN = (
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL",
    "DSTACK_IMAGES_HOME",
    "PYTHONDONTWRITEBYTECODE",
    "PATH",
)


def checkout(folder: Path, name: str) -> Path:
    made = folder / name
    (made / "tools").mkdir(parents=True)
    shutil.copy(PROJECT / "tools" / "env", made / "tools" / "env")
    (made / ".venv" / "bin").mkdir(parents=True)
    (made / ".venv" / "bin" / "python").touch(mode=0o755)
    return made


def source(*checkouts: Path, **environment: str | None) -> dict[str, str]:
    """What one shell has set after it has sourced the file of each checkout in turn."""
    given = {"PATH": os.environ["PATH"], "HOME": str(checkouts[0].parent), **environment}
    lines = [f'cd "{each}" && . tools/env' for each in checkouts]
    shown = " ".join(f'"${{{name}-unset}}"' for name in SHOWN)
    script = "set -eu\numask 077\n" + "\n".join([*lines, f"printf '%s\\n' {shown}"])
    done = subprocess.run(
        ["bash", "-c", script],
        env={name: value for name, value in given.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(zip(SHOWN, done.stdout.splitlines(), strict=True))


def test_second_checkout_in_one_shell_has_its_own_state_and_python(tmp_path: Path) -> None:
    one, two = checkout(tmp_path, "one"), checkout(tmp_path, "two")
    found = source(one, two)
    assert found["PULUMI_BACKEND_URL"] == f"file://{two}/.state"
    path = found["PATH"].split(":")
    assert path[0] == f"{two}/.venv/bin"
    assert not [folder for folder in path if folder.startswith(f"{one}/")]
    assert source(one, two, one)["PULUMI_BACKEND_URL"] == f"file://{one}/.state"


def test_commands_keep_what_they_compile(tmp_path: Path) -> None:
    """Images of containers often forbid it, and importing the clouds' packages takes twice as
    long."""
    found = source(checkout(tmp_path, "one"), PYTHONDONTWRITEBYTECODE="1")
    assert found["PYTHONDONTWRITEBYTECODE"] == "unset"


def test_sourced_again_nothing_is_there_twice(tmp_path: Path) -> None:
    one = checkout(tmp_path, "one")
    path = source(one, one)["PATH"].split(":")
    own = [folder for folder in path if str(tmp_path) in folder]
    assert len(own) == len(set(own))


def test_what_the_user_has_set_stays(tmp_path: Path) -> None:
    one, two = checkout(tmp_path, "one"), checkout(tmp_path, "two")
    for backend in ("s3://states", ""):
        found = source(one, two, PULUMI_BACKEND_URL=backend, DSTACK_IMAGES_HOME="/elsewhere")
        assert (found["PULUMI_BACKEND_URL"], found["DSTACK_IMAGES_HOME"]) == (backend, "/elsewhere")


def test_empty_passphrase_is_for_the_state_of_this_checkout(tmp_path: Path) -> None:
    one = checkout(tmp_path, "one")
    assert source(one)["PULUMI_CONFIG_PASSPHRASE"] == ""
    shared = source(one, PULUMI_BACKEND_URL="https://api.pulumi.com")
    assert shared["PULUMI_CONFIG_PASSPHRASE"] == "unset"


def test_folder_with_spaces_and_accents_and_no_home(tmp_path: Path) -> None:
    odd = checkout(tmp_path, "my images, déjà vu")
    found = source(odd, HOME=None)
    assert found["PULUMI_BACKEND_URL"] == f"file://{odd}/.state"
    assert found["DSTACK_IMAGES_HOME"].startswith(str(odd))
    assert found["PATH"].startswith(f"{odd}/.venv/bin:")


def test_no_provider_is_fetched_that_a_stack_does_not_use(tmp_path: Path) -> None:
    """The engine's own option (`--skip-plugin-pre-install`)."""
    assert source(checkout(tmp_path, "one"))["PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL"] == "true"
