"""Locks: of what is installed, and of the local stack."""

import ast
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tools.errors import SetupError
from tools.layout import PROJECT
from tools.stack_lock import lift_dead

pytestmark = pytest.mark.unit

#: What each lock is made of.
LOCKS = {
    "requirements.txt": ["requirements.in"],
    "requirements-dev.txt": [
        "requirements.in",
        "requirements-test.in",
        "requirements-check.in",
    ],
}
#: What `pulumi up`, the bakery and day-2 commands consist of, and how this machine gets ready.
RUNS = ("__main__.py", "bakery", "components", "config", "images", "ops", "tools")


def locked(lock: str) -> set[str]:
    """The packages, each with its version."""
    text = (PROJECT / lock).read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9._-]+==\S+)", text, re.MULTILINE))


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules that code imports when it runs; those for types alone are for checks."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case _:
                yield from imported(node)


@pytest.mark.parametrize("lock", LOCKS)
def test_requirements_are_pinned_by_hash_and_name_no_index(lock: str) -> None:
    lines = (PROJECT / lock).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert packages
    for line in packages:
        assert re.match(r"[a-z0-9._-]+==\S+ (; .+ )?\\$", line), line
    others = [line for line in lines if line and line not in packages]
    for line in others:
        assert re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$|#", line), line
    assert "://" not in "\n".join(lines)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_asked_for_is_locked(lock: str) -> None:
    wanted = {
        re.split(r"[=\[<>]", line)[0].lower()
        for group in LOCKS[lock]
        for line in (PROJECT / group).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    assert wanted - {package.partition("==")[0] for package in locked(lock)} == set()


def test_what_runs_is_tested_in_the_same_versions() -> None:
    assert locked("requirements.txt") < locked("requirements-dev.txt")


def test_program_imports_only_what_is_installed_to_run_it() -> None:
    packages = {package.partition("==")[0] for package in locked("requirements.txt")}
    own = {*RUNS, *(file.stem for file in (PROJECT / "tools/offline").iterdir())}
    brought = packages_distributions()
    lacking: set[str] = set()
    for room in RUNS:
        for file in [PROJECT / room] if room.endswith(".py") else (PROJECT / room).rglob("*.py"):
            for module in imported(ast.parse(file.read_text(encoding="utf-8"))):
                top = module.partition(".")[0]
                if top in own or top in sys.stdlib_module_names:
                    continue
                names = {re.sub(r"[-_.]+", "-", name).lower() for name in brought[top]}
                if not names & packages:
                    lacking.add(f"{file.relative_to(PROJECT)}: {module}")
    assert lacking == set()


@pytest.mark.parametrize("module", ["tools", "tools/packer", "tools/actionlint"])
def test_go_modules_are_locked_and_name_no_proxy(module: str) -> None:
    for name in ("go.mod", "go.sum"):
        text = (PROJECT / module / name).read_text(encoding="utf-8")
        # not any `://`, which a checksum may have
        assert re.search(r"\bhttps?:", text) is None
        # Packer's own go.mod has the one replacement, and Go heeds only that of the main module.
        replaced = re.findall(r"^replace (\S+) ", text, re.MULTILINE)
        packers = (module, name) == ("tools/packer", "go.mod")
        assert replaced == (["github.com/zclconf/go-cty"] if packers else [])


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    (tmp_path / ".pulumi" / "locks" / "organization" / "dstack-images" / "local").mkdir(
        parents=True
    )
    return tmp_path


def lock(backend: Path, process: int, host: str) -> Path:
    file = next(backend.glob(".pulumi/locks/**/local")) / "0.json"
    content = {"pid": process, "hostname": host, "timestamp": "today"}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_dead_runs_lock_is_lifted(backend: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    file = lock(backend, ended.pid, socket.gethostname())
    assert lift_dead(f"file://{backend}", "local") == [file]
    assert not file.exists()


def test_a_number_that_now_is_another_program_is_dead(backend: Path) -> None:
    file = lock(backend, os.getpid(), socket.gethostname())
    assert lift_dead(f"file://{backend}", "local") == [file]


def test_a_living_runs_lock_is_respected(backend: Path, tmp_path: Path) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.symlink_to("/bin/sleep")
    with subprocess.Popen([pulumi, "30"]) as living:
        file = lock(backend, living.pid, socket.gethostname())
        try:
            while Path(f"/proc/{living.pid}/comm").read_text().strip() != "pulumi":
                pass  # the name comes a moment after the process
            with pytest.raises(SetupError, match=f"process {living.pid}"):
                lift_dead(f"file://{backend}", "local")
        finally:
            living.kill()
    assert file.exists()


def test_another_machines_and_another_stacks_locks_are_left(backend: Path) -> None:
    file = lock(backend, 1 << 22, "another-machine")
    assert lift_dead(f"file://{backend}", "local") == []
    assert lift_dead(f"file://{backend}", "prod") == []
    assert file.exists()
    assert lift_dead("s3://a-bucket", "local") == []
