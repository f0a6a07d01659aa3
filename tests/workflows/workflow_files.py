"""The workflows as data: jobs and their steps, those of our own action in its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((PROJECT / ".github" / "workflows").glob("*.yml")),
    *sorted((PROJECT / "docs" / "examples").glob("*.yml")),
]
ACTIONS = sorted((PROJECT / ".github" / "actions").glob("*/action.yml"))


@dataclass(frozen=True)
class Job:
    """One job of a workflow."""

    workflow: str
    name: str
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.workflow}/{self.name}"

    @property
    def steps(self) -> list["Step"]:
        return [found for step in self.body["steps"] for found in _expanded(step)]


@dataclass(frozen=True)
class Step:
    """One step; `inputs` are those of our own action where it is part of one."""

    body: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def run(self) -> str | None:
        return self.body.get("run")


def load(file: Path) -> dict[str, Any]:
    """A workflow or an action. The key `on` is a boolean to YAML 1.1."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def jobs() -> list[Job]:
    return [
        Job(file.stem, name, body) for file in FILES for name, body in load(file)["jobs"].items()
    ]


def job(workflow: str, name: str) -> Job:
    (found,) = (job for job in jobs() if (job.workflow, job.name) == (workflow, name))
    return found


def _expanded(step: dict[str, Any]) -> Iterator[Step]:
    own = re.fullmatch(r"\./\.github/actions/(\w+)", step.get("uses", ""))
    if own is None:
        yield Step(step)
        return
    action = load(PROJECT / ".github" / "actions" / own[1] / "action.yml")
    defaults = {name: one.get("default", "") for name, one in action["inputs"].items()}
    inputs = {**defaults, **step.get("with", {})}
    for inner in action["runs"]["steps"]:
        yield Step(inner, inputs)


def runs() -> list[tuple[str, str]]:
    """Where it stands, and the shell of every step there is."""
    of_jobs = [(f"{job}", step.run) for job in jobs() for step in job.steps]
    return [(where, run) for where, run in of_jobs if run is not None]
