"""An `up` with nothing to do, beside an `up` of a program that has nothing at all."""

from pathlib import Path
from statistics import median

from bench.workplace import CHECKOUT, Workplace

_TIMES = 5
_EMPTY = """\
name: empty
runtime:
  name: python
  options:
    virtualenv: .venv
"""


def no_op(place: Workplace) -> float:
    """Median seconds of an `up` of the baked stack."""
    return median(
        place.pulumi("up", "--stack", "local", "--yes", "--skip-preview") for _ in range(_TIMES)
    )


def empty(place: Workplace) -> float:
    """Median seconds of an `up` of an empty program on the same engine."""
    project = place.folder / "empty"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(_EMPTY, encoding="utf-8")
    (project / "__main__.py").write_text("", encoding="utf-8")
    (project / ".venv").symlink_to(CHECKOUT / ".venv")
    place.pulumi("stack", "init", "empty", project=project)
    return median(_up(place, project) for _ in range(_TIMES))


def _up(place: Workplace, project: Path) -> float:
    return place.pulumi("up", "--stack", "empty", "--yes", "--skip-preview", project=project)
