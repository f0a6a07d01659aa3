"""Cancel and crash: Packer is asked once, cleans up, and no process and no file is left."""

import signal

import pytest
from bakery_process import DIGEST, Machine, Running

pytestmark = pytest.mark.unit

LOCKED = "E: Could not get lock /var/lib/dpkg/lock-frontend"
OTHER = "fedcba9876543210" * 4
#: A parent that waits for the bakery and hands through its answer.
PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"


@pytest.fixture
def hanging(machine: Machine) -> Running:
    machine.behave({"do": "hang"}, {"do": "ok"})
    running = machine.start("bake", machine.bake_job())
    running.at("hanging")
    return running


def completes(machine: Machine) -> None:
    machine.await_nothing_left()
    machine.run("bake", machine.bake_job()).record()
    assert machine.left_behind() == []


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal(hanging: Running, name: signal.Signals) -> None:
    hanging.kill(name=name)
    said = hanging.end(20).refused()
    assert "cancelled" in said
    assert len(hanging.machine.journal("interrupted")) == 1, "twice means: leave at once"
    completes(hanging.machine)


def test_second_signal_does_not_hurry_packer(hanging: Running) -> None:
    hanging.kill(name=signal.SIGINT)
    hanging.at("interrupted")
    hanging.kill(name=signal.SIGINT)
    hanging.end(20).refused()
    assert len(hanging.machine.journal("interrupted")) == 1
    completes(hanging.machine)


def test_killed_bakery(hanging: Running) -> None:
    hanging.kill()
    hanging.end(20)
    assert len(hanging.machine.journal("interrupted")) == 1
    completes(hanging.machine)


def test_next_run_waits_until_the_killed_one_has_cleaned_up(machine: Machine) -> None:
    machine.behave({"do": "hang", "cleans": 3}, {"do": "ok"})
    running = machine.start("bake", machine.bake_job())
    running.at("hanging")
    running.kill()
    done = machine.run("bake", machine.bake_job())
    assert done.record()["digest"] == DIGEST
    assert "another run is busy" in done.err
    assert len(machine.journal("interrupted")) == 1, "nobody disturbed the cleaning"
    running.end(5)


def test_killed_supervisor(hanging: Running) -> None:
    hanging.kill(hanging.supervisor())
    assert "Packer was stopped. Run again" in hanging.end(20).refused()
    assert len(hanging.machine.journal("interrupted")) == 1
    completes(hanging.machine)


@pytest.mark.parametrize(
    ("which", "told"), [("wrapper", "killed by SIGKILL"), ("worker", "Packer failed")]
)
def test_killed_packer(hanging: Running, which: str, told: str) -> None:
    hanging.kill(hanging.machine.journal("build")[0][which])
    said = hanging.end(30).refused()
    assert told in said
    assert hanging.machine.builds() == 1
    completes(hanging.machine)


def test_parent_dies(machine: Machine) -> None:
    machine.behave({"do": "hang"}, {"do": "ok"})
    running = machine.start("bake", machine.bake_job(), under=PARENT)
    running.at("hanging")
    running.kill()
    running.end(20)
    assert len(machine.journal("interrupted")) == 1
    completes(machine)


def test_all_killed_at_once_is_mended_by_the_next_run_of_any_bake(hanging: Running) -> None:
    machine = hanging.machine
    supervisor = hanging.supervisor()
    hanging.kill(supervisor, name=signal.SIGSTOP)
    hanging.kill(hanging.process.pid, supervisor)
    hanging.process.wait(10)
    assert machine.left_behind(), "nobody was left to stop Packer"
    done = machine.run("bake", machine.bake_job(digest=OTHER))
    assert done.status == 0, done.err
    assert "removing what an earlier run left behind" in done.err
    assert len(machine.journal("interrupted")) == 1
    completes(machine)


def test_time_limit(machine: Machine) -> None:
    machine.behave({"do": "hang"}, {"do": "ok"})
    said = machine.run("bake", machine.bake_job(time_limit=1)).refused()
    assert "time limit" in said
    assert "dstack-images:timeLimitMinutes" in said
    assert len(machine.journal("interrupted")) == 1
    assert machine.builds() == 1
    completes(machine)


def test_cancelled_between_two_attempts(machine: Machine) -> None:
    machine.behave({"do": "fail", "say": LOCKED}, {"do": "ok"})
    running = machine.start("bake", machine.bake_job(), pause=3600)
    running.says("trying again in")
    running.kill(name=signal.SIGTERM)
    assert "cancelled" in running.end(60).refused(), "long before the pause ends"
    assert machine.builds() == 1, "not begun again for nobody"
    completes(machine)


def test_two_at_once_bake_once(machine: Machine) -> None:
    first, second = (machine.start("bake", machine.bake_job()) for _ in range(2))
    answers = first.end(), second.end()
    assert answers[0].out == answers[1].out
    assert answers[0].record()["digest"] == DIGEST
    assert machine.builds() == 1


def test_waiting_is_said_and_can_be_cancelled(hanging: Running) -> None:
    machine = hanging.machine
    waiting = machine.start("bake", machine.bake_job())
    waiting.says("another run is busy")
    waiting.kill(name=signal.SIGINT)
    assert "cancelled while waiting" in waiting.end(30).refused()
    assert machine.builds() == 1
    assert machine.left_behind(), "the other run goes on"
    hanging.kill(name=signal.SIGINT)
    hanging.end(20)
    completes(machine)


def test_waiting_has_an_end(hanging: Running) -> None:
    machine = hanging.machine
    said = machine.run("bake", machine.bake_job(time_limit=1)).refused()
    assert "another run has been busy" in said
    hanging.kill(name=signal.SIGINT)
    hanging.end(20)
    completes(machine)


def test_process_that_outlives_packer_is_ended(machine: Machine) -> None:
    machine.behave({"do": "ok", "leave": True})
    machine.run("bake", machine.bake_job()).record()
    assert machine.journal("left")
    assert machine.left_behind() == []
