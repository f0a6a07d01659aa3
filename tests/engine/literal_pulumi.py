"""Run the literal `pulumi` command against a copy of a project, with its state in a folder."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
OFFLINE = CHECKOUT / "tools" / "offline"
TIMEOUT_SECONDS = 300
# What the operations of a test need: no question, no escape codes, no progress dots.
QUIET = ("--non-interactive", "--color=never")
# Compiled files go along: they know their sources by time and size, and copies keep both. One that
# another process is about to write has a number at its end, and goes while it is looked at.
_UNFINISHED = "*.pyc.*"
NOT_COPIED = (
    *(".git", ".venv", ".state", "dist", "node_modules", "tests", "docs", ".*_cache"),
    _UNFINISHED,
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class PulumiError(AssertionError):
    """A command that had to succeed failed; the text has its output."""


@dataclass(frozen=True)
class Finished:
    """A command that has ended; `output` has stdout and stderr as they came."""

    args: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def plugins_home() -> Path:
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"


def real_language_host() -> str | None:
    """The real host: next to the `pulumi` binary or on PATH, but not the offline plugin."""
    pulumi = shutil.which("pulumi")
    beside = str(Path(pulumi).resolve().parent) if pulumi else ""
    return _real("pulumi-language-python", beside)


def real_command_provider() -> str | None:
    """The real provider: on PATH, or installed among Pulumi's plugins."""
    installed = sorted(plugins_home().glob("resource-command-v*/pulumi-resource-command"))
    return _real("pulumi-resource-command", *(str(path.parent) for path in installed))


def _real(name: str, *first: str) -> str | None:
    folders = [*first, *os.environ.get("PATH", "").split(os.pathsep)]
    for folder in folders:
        found = shutil.which(name, path=folder) if folder else None
        if found and OFFLINE not in Path(found).resolve().parents:
            return found
    return None


def offline_folders() -> list[str]:
    """The offline plugins' folders, each only where the real thing is absent."""
    folders: list[str] = []
    if real_language_host() is None:
        folders.append(str(OFFLINE / "language"))
    if real_command_provider() is None:
        folders.append(str(OFFLINE / "command"))
    return folders


def base_environment(home: Path) -> dict[str, str]:
    """This process's environment, with everything of Pulumi's kept below `home`."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")
    }
    state = home / "state"
    state.mkdir(parents=True, exist_ok=True)
    pulumi_home = home / "pulumi"
    pulumi_home.mkdir(exist_ok=True)
    if plugins_home().is_dir() and not (pulumi_home / "plugins").exists():
        (pulumi_home / "plugins").symlink_to(plugins_home())
    path = [*offline_folders(), *environment.get("PATH", "").split(os.pathsep)]
    return environment | {
        "PATH": os.pathsep.join(path),
        "PULUMI_HOME": str(pulumi_home),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # As in tools/env.
        "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
    }


@dataclass
class Pulumi:
    """One project folder and one stack in it."""

    project: Path
    home: Path
    stack: str = "test"
    env: dict[str, str] = field(default_factory=dict[str, str])
    timeout: float = TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        self._base = base_environment(self.home)

    # Running

    def command(self, args: Sequence[str]) -> list[str]:
        return ["pulumi", *args, *QUIET]

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**self._base, **self.env, **(env or {})}

    def run(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> Finished:
        """Run `pulumi` with these arguments to its end; raise when it fails, unless told not to."""
        environment = self.environment(env)
        done = subprocess.run(
            self.command(args),
            executable=_pulumi(environment),
            cwd=cwd or self.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout or self.timeout,
            check=False,
        )
        result = Finished(args, done.returncode, _plain(done.stdout), _plain(done.stderr))
        if check and done.returncode:
            raise PulumiError(
                f"pulumi {' '.join(args)} ended with {done.returncode}\n{result.output}"
            )
        return result

    def start(
        self,
        *args: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start `pulumi` in a process group of its own, with its output going to `log`.

        For tests that send signals; the caller waits for the end (or kills it).
        """
        environment = self.environment(env)
        with log.open("wb") as out:
            return subprocess.Popen(
                self.command(args),
                executable=_pulumi(environment),
                cwd=cwd or self.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def workflow(self, script: str, *args: str) -> Finished:
        """Run a script of `tools/workflow` as a job's step does, to whatever end."""
        done = subprocess.run(
            [str(self.project / "tools" / "workflow" / script), *args],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.timeout,
            check=False,
        )
        return Finished((script, *args), done.returncode, done.stdout, done.stderr)

    # Operations on the stack

    def init(self) -> "Pulumi":
        """Make the stack: `pulumi` does the first of a name, later ones are what it made then."""
        made = _NEW.get((self._name, self.stack))
        if made is None:
            self.run("stack", "init", self.stack)
            _NEW[self._name, self.stack] = NewStack.read(self._state, self._file)
        else:
            made.write(self._state, self._file)
        return self

    @property
    def _state(self) -> Path:
        return self.home / "state"

    @property
    def _file(self) -> Path:
        return self.project / f"Pulumi.{self.stack}.yaml"

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        kind = "--secret" if secret else "--plaintext"
        self.run("config", "set", "--stack", self.stack, kind, key, value)

    def preview(self, *args: str, check: bool = True) -> Finished:
        return self.run("preview", "--stack", self.stack, *args, check=check)

    def up(self, *args: str, check: bool = True) -> Finished:
        return self.run("up", *self.changing(), *args, check=check)

    def refresh(self, *args: str, check: bool = True) -> Finished:
        return self.run("refresh", *self.changing(), *args, check=check)

    def destroy(self, *args: str, check: bool = True) -> Finished:
        return self.run("destroy", *self.changing(), *args, check=check)

    def changing(self) -> tuple[str, ...]:
        """The arguments of an operation that changes the stack without a preview before it."""
        return ("--stack", self.stack, "--yes", "--skip-preview")

    # What the stack holds

    def outputs(self) -> dict[str, Any]:
        shown = self.run("stack", "output", "--stack", self.stack, "--json", "--show-secrets")
        return json.loads(shown.stdout)

    def images(self) -> list[dict[str, Any]]:
        """All images of the contract, release by release."""
        releases = self.outputs()["contract"]["releases"]
        return [image for release in releases for image in release["images"]]

    def export(self) -> dict[str, Any]:
        """The state as stored: secrets stay encrypted."""
        # What `pulumi stack export` prints is in this file; the command takes 0.3 s of processor.
        file = self._state / ".pulumi" / "stacks" / self._name / f"{self.stack}.json"
        checkpoint = json.loads(file.read_text(encoding="utf-8"))["checkpoint"]
        return {"deployment": checkpoint.get("latest") or {}}

    @property
    def _name(self) -> str:
        """The project's."""
        return yaml.safe_load((self.project / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]

    def resources(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The resources in the state, of one type when given."""
        found: list[dict[str, Any]] = self.export()["deployment"].get("resources", [])
        return [resource for resource in found if kind in (None, resource["type"])]


@dataclass(frozen=True)
class NewStack:
    """What `pulumi stack init` writes: the first state, and the salt of the stack's secrets."""

    state: dict[Path, bytes]
    salt: str

    @classmethod
    def read(cls, state: Path, file: Path) -> "NewStack":
        files = (path for path in state.rglob("*") if path.is_file())
        found = {path.relative_to(state): path.read_bytes() for path in files}
        return cls(found, yaml.safe_load(file.read_text())["encryptionsalt"])

    def write(self, state: Path, file: Path) -> None:
        for path, content in self.state.items():
            (state / path).parent.mkdir(parents=True, exist_ok=True)
            (state / path).write_bytes(content)
        config = yaml.safe_load(file.read_text()) if file.exists() else {}
        file.write_text(yaml.safe_dump({**config, "encryptionsalt": self.salt}))


#: By names of project and stack. A command for each test takes longer than most of them.
_NEW: dict[tuple[str, str], NewStack] = {}


def all_unchanged(up: Finished) -> bool:
    """Whether an `up` had nothing to do."""
    summary = up.output.rpartition("Resources:")[2].partition("Duration:")[0]
    return re.fullmatch(r"\s*\d+ unchanged\s*", summary) is not None


def copy_project(source: Path, target: Path) -> Path:
    """A copy to work on; the state, the environment and other left-overs stay behind."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return target


def _pulumi(environment: Mapping[str, str]) -> str:
    found = shutil.which("pulumi", path=environment["PATH"])
    if found is None:
        raise FileNotFoundError("`pulumi` is not on PATH: `. tools/env` puts it there")
    return found


def _plain(text: str) -> str:
    return COLOUR.sub("", text)
