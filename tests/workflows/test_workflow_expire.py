"""Which stacks of staging runs the nightly job destroys, and what it does about their locks.

A bucket's backend does not know what is at work, so that the list has no `updateInProgress`
(`SupportsProgress`, `pkg/backend/diy/backend.go`): who finds out is `destroy` or `stack rm`, by the
lock. That is a file which nothing but its maker or `pulumi cancel` removes, without an end of its
own, and the error has a line for each, with the time it is of in RFC 3339 (`checkForLock`,
`pkg/backend/diy/lock.go`). `pulumi cancel` deletes all of them (`CancelCurrentUpdate`). Of a stack
that never had an `up`, `destroy` wants the passphrase of a file that is gone (seen in 3.259).
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tools.workflow import expire

pytestmark = pytest.mark.unit

_NOW = datetime.now(UTC).replace(microsecond=0)
#: A command that meets locks finds those of the stack's file, if it is there.
_PULUMI = """#!/bin/sh
echo "$@" >>"$FAKE/calls"
case "$1 $2" in
  "stack ls") exec cat "$FAKE/listed" ;;
  "cancel "*) rm "$FAKE/locks-$3"; exit 0 ;;
  "stack rm") stack=$4 ;;
  *) stack=$3 ;;
esac
if [ -e "$FAKE/locks-$stack" ]; then cat "$FAKE/locks-$stack" >&2; exit 255; fi
if [ "$1 $stack" = "destroy stgn-4" ]; then echo "error: passphrase must be set" >&2; exit 255; fi
"""
_PYTHON = '#!/bin/sh\necho "$@" >>"$FAKE/calls"\n'


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that answers for Pulumi: stgn-1 is young, stgn-4 is empty, the others are old."""
    old = "2026-01-01T00:00:00Z"
    listed = [
        {"name": "stgn-1", "lastUpdate": _NOW.isoformat(), "resourceCount": 5},
        {"name": "stgn-2", "lastUpdate": old, "resourceCount": 5},
        {"name": "stgn-3", "lastUpdate": old, "resourceCount": 5},
        {"name": "stgn-4", "lastUpdate": old, "resourceCount": 0},
    ]
    (tmp_path / "listed").write_text(json.dumps(listed))
    for name, text in (("pulumi", _PULUMI), ("python", _PYTHON)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("FAKE", str(tmp_path))
    monkeypatch.setattr(expire, "PROJECT", tmp_path)
    (tmp_path / "Pulumi.staging.yaml").touch()
    return tmp_path


def _lock(night: Path, stack: str, *ages: timedelta) -> None:
    words = (
        f"error: the stack is currently locked by {len(ages)} lock(s). Either wait for the other "
        "process(es) to end or delete the lock file with `pulumi cancel`."
    )
    where = f"s3://state/.pulumi/locks/organization/dstack-images/{stack}"
    for number, age in enumerate(ages):
        when = (_NOW - age).isoformat()
        words += f"\n  {where}/{number}.json: created by runner@runnervm1 (pid 2301) at {when}"
    (night / f"locks-{stack}").write_text(words + "\n")


def _calls(night: Path, *words: str) -> list[str]:
    """What was run of stacks that these words name, without options that every call has."""
    lines = (night / "calls").read_text().splitlines()
    plain = [
        line.replace(" --yes", "").replace(" --non-interactive", "").replace(" --skip-preview", "")
        for line in lines
    ]
    return [line for line in plain if any(word in line for word in words)]


def _goes(stack: str) -> list[str]:
    return [
        f"-m ops sweep --stack {stack} --run github-{stack}",
        f"-m ops unpublish --stack {stack}",
        f"stack rm --stack {stack}",
    ]


def test_what_is_young_or_at_work_keeps_its_machines(night: Path) -> None:
    _lock(night, "stgn-2", timedelta(hours=2))
    assert expire.main(["7"]) == 1, "one could not be destroyed, and the others were tried"
    assert _calls(night, "stgn-1", "stgn-2") == [
        "-m ops sweep --stack stgn-1",
        "destroy --stack stgn-2",
        "-m ops sweep --stack stgn-2",
    ]
    assert _calls(night, "stgn-3") == ["destroy --stack stgn-3", *_goes("stgn-3")]
    assert _calls(night, "stgn-4") == _goes("stgn-4")
    assert not _calls(night, "cancel")


def test_a_lock_of_a_runner_that_was_lost_is_lifted(
    night: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No step of the job has lifted it: a machine that is lost runs none."""
    _lock(night, "stgn-2", timedelta(days=8))
    assert expire.main(["7"]) == 0
    assert _calls(night, "stgn-2") == [
        "destroy --stack stgn-2",
        "cancel --stack stgn-2",
        "destroy --stack stgn-2",
        *_goes("stgn-2"),
    ]
    assert "stgn-2: nobody is at work any more with the lock of" in capfd.readouterr().out
    assert _calls(night, "cancel") == ["cancel --stack stgn-2"]


def test_so_is_that_of_a_stack_with_nothing_in_it(night: Path) -> None:
    _lock(night, "stgn-4", timedelta(days=8), timedelta(days=9))
    assert expire.main(["7"]) == 0
    assert _calls(night, "stgn-4") == [
        *_goes("stgn-4"),
        "cancel --stack stgn-4",
        "stack rm --stack stgn-4",
    ]


@pytest.mark.parametrize("age", [timedelta(minutes=5), timedelta(hours=6)])
def test_a_dead_lock_beside_a_younger_one_stays(night: Path, age: timedelta) -> None:
    """`pulumi cancel` would lift both, and somebody may hold the younger one."""
    _lock(night, "stgn-2", timedelta(days=8), age)
    assert expire.main(["7"]) == 1
    assert not _calls(night, "cancel")
    assert (night / "locks-stgn-2").exists()


def test_a_lock_that_does_not_tell_its_time_stays(night: Path) -> None:
    """As of another backend, or in other words of a later Pulumi."""
    told = "error: [409] Conflict: Another update is currently in progress.\n"
    (night / "locks-stgn-2").write_text(told)
    assert expire.main(["7"]) == 1
    assert not _calls(night, "cancel")


def test_young_stacks_keep_a_dead_lock(night: Path) -> None:
    _lock(night, "stgn-1", timedelta(days=8))
    assert expire.main(["7"]) == 0
    assert not _calls(night, "cancel")


def test_what_could_not_be_removed_keeps_its_stack(night: Path) -> None:
    """Without the stack, no night would look for it again."""
    refuses = '#!/bin/sh\necho "$@" >>"$FAKE/calls"\n[ "$3 $5" != "unpublish stgn-3" ]\n'
    (night / "python").write_text(refuses)
    assert expire.main(["7"]) == 1
    assert not _calls(night, "stack rm --stack stgn-3")
    assert _calls(night, "stack rm --stack stgn-4")
