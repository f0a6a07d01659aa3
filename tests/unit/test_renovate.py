"""Renovate finds the versions that it is told to keep: each pattern matches where it looks."""

import json
import re
from typing import Any

import pytest

from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

CONFIGURATION: dict[str, Any] = json.loads((PROJECT / "renovate.json").read_text("utf-8"))
MANAGERS: list[dict[str, Any]] = CONFIGURATION["customManagers"]
#: Managers of Renovate that read a file of their own, and that file.
FILES_OF_MANAGERS = {"pip-compile": "requirements-dev.txt", "gomod": "tools/go.mod"}


def python_pattern(pattern: str) -> str:
    """JavaScript's named groups as Python has them."""
    return pattern.replace("(?<", "(?P<")


@pytest.mark.parametrize("manager", MANAGERS, ids=lambda manager: manager["description"])
def test_each_file_that_a_pattern_is_for_has_such_a_version(manager: dict[str, Any]) -> None:
    tracked = [
        path.relative_to(PROJECT).as_posix()
        for folder in (".", "packer/plugins", "tools")
        for path in (PROJECT / folder).glob("*.*")
    ]
    patterns = [pattern.strip("/") for pattern in manager["managerFilePatterns"]]
    files = [file for file in tracked if any(re.search(p, file) for p in patterns)]
    assert files
    found = {
        file: re.findall(python_pattern(words), (PROJECT / file).read_text(encoding="utf-8"))
        for file in files
        for words in manager["matchStrings"]
    }
    # Docker itself is the distribution's in the stack of this machine.
    without = {"Pulumi.local.yaml"} if "moby" in manager.get("depNameTemplate", "") else set()
    assert {file for file, versions in found.items() if not versions} == without


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_docker_images_that_servers_start_are_left_to_pin(stack: str) -> None:
    """Which tags servers start is dstack's to say, and a bump changes what its pattern has matched
    and nothing behind it (renovatebot/renovate, `doAutoReplace` of auto-replace.ts): with a digest
    that `pin` has written there, the new tag would name the old image.
    """
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    images = re.findall(r"^ *- (dstackai/\S+)", text, re.MULTILINE)
    assert images
    for words in (words for manager in MANAGERS for words in manager["matchStrings"]):
        for found in re.finditer(python_pattern(words), text):
            assert not [image for image in images if image.partition(":")[0] in found[0]]


def test_files_of_renovates_own_managers_exist() -> None:
    own = {name for name in CONFIGURATION["enabledManagers"] if name in FILES_OF_MANAGERS}
    assert own == set(FILES_OF_MANAGERS)
    assert all((PROJECT / file).is_file() for file in FILES_OF_MANAGERS.values())
