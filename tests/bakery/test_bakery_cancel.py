"""Cancel and crash: Packer is asked once, cleans up, and no process and no file is left."""

import signal

import pytest

from tests.bakery.bakery_process import DIGEST, BakeryHost, Running
from tests.fakes.fake_host import until

pytestmark = pytest.mark.unit

LOCKED = "E: Could not get lock /var/lib/dpkg/lock-frontend"
OTHER = "fedcba9876543210" * 4
#: A parent that waits for the bakery and hands through its answer.
PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"


@pytest.fixture
def hanging(host: BakeryHost) -> Running:
    host.behave({"do": "hang"}, {"do": "ok"})
    running = host.start("bake", host.bake_job())
    running.at("hanging")
    return running


def completes(host: BakeryHost) -> None:
    host.await_nothing_left()
    host.run("bake", host.bake_job()).record()
    assert host.left_behind() == []


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal(hanging: Running, name: signal.Signals) -> None:
    hanging.kill(name=name)
    said = hanging.end(20).refused()
    assert "cancelled" in said
    assert len(hanging.host.journal("interrupted")) == 1, "twice means: leave at once"
    completes(hanging.host)


def test_second_signal_does_not_hurry_packer(hanging: Running) -> None:
    hanging.kill(name=signal.SIGINT)
    hanging.at("interrupted")
    hanging.kill(name=signal.SIGINT)
    hanging.end(20).refused()
    assert len(hanging.host.journal("interrupted")) == 1
    completes(hanging.host)


def test_killed_bakery(hanging: Running) -> None:
    hanging.kill()
    hanging.end(20)
    assert len(hanging.host.journal("interrupted")) == 1
    completes(hanging.host)


@pytest.mark.parametrize("do", ["hang", "ok"])
def test_log_of_a_killed_bakery_has_no_secrets(host: BakeryHost, do: str) -> None:
    """Workflows upload it all the same. Killed while Packer runs, or before it has read its end."""
    host.environment["AWS_SECRET_ACCESS_KEY"] = secret = "hunter2-hunter2"
    host.behave({"do": do, "say": f"it has {secret}"}, {"do": "ok"})
    running = host.start("bake", host.bake_job())
    running.at("hanging" if do == "hang" else "build")
    running.kill(name=signal.SIGSTOP)
    if do == "ok":
        until(lambda: not host.processes(), lambda: "Packer does not end")
    running.kill()
    running.end(20)
    (log,) = (host.home / "logs").glob("*/*-bake.log")
    assert "it has ***\n" in (text := log.read_text(encoding="utf-8"))
    assert secret not in text
    host.run("bake", host.bake_job()).record()
    assert host.left_behind() == []


def test_next_run_waits_until_the_killed_one_has_cleaned_up(host: BakeryHost) -> None:
    host.behave({"do": "hang", "cleans": 3}, {"do": "ok"})
    running = host.start("bake", host.bake_job())
    running.at("hanging")
    running.kill()
    done = host.run("bake", host.bake_job())
    assert done.record()["digest"] == DIGEST
    assert "another run is busy" in done.err
    assert len(host.journal("interrupted")) == 1, "nobody disturbed the cleaning"
    running.end(5)


def test_killed_supervisor(hanging: Running) -> None:
    hanging.kill(hanging.supervisor())
    assert "Packer was stopped. Run again" in hanging.end(20).refused()
    assert len(hanging.host.journal("interrupted")) == 1
    completes(hanging.host)


@pytest.mark.parametrize(
    ("which", "told"), [("wrapper", "killed by SIGKILL"), ("worker", "Packer failed")]
)
def test_killed_packer(hanging: Running, which: str, told: str) -> None:
    hanging.kill(hanging.host.journal("build")[0][which])
    said = hanging.end(30).refused()
    assert told in said
    assert hanging.host.builds() == 1
    completes(hanging.host)


def test_parent_dies(host: BakeryHost) -> None:
    host.behave({"do": "hang"}, {"do": "ok"})
    running = host.start("bake", host.bake_job(), under=PARENT)
    running.at("hanging")
    running.kill()
    running.end(20)
    assert len(host.journal("interrupted")) == 1
    completes(host)


def test_all_killed_at_once_is_mended_by_the_next_run_of_any_bake(hanging: Running) -> None:
    host = hanging.host
    supervisor = hanging.supervisor()
    hanging.kill(supervisor, name=signal.SIGSTOP)
    hanging.kill(hanging.process.pid, supervisor)
    hanging.process.wait(10)
    assert host.left_behind(), "nobody was left to stop Packer"
    done = host.run("bake", host.bake_job(digest=OTHER))
    assert done.status == 0, done.err
    assert "removing what an earlier run left behind" in done.err
    assert len(host.journal("interrupted")) == 1
    completes(host)


def test_time_limit(host: BakeryHost) -> None:
    host.behave({"do": "hang"}, {"do": "ok"})
    said = host.run("bake", host.bake_job(time_limit=1)).refused()
    assert "time limit" in said
    assert "dstack-images:timeLimitMinutes" in said
    assert len(host.journal("interrupted")) == 1
    assert host.builds() == 1
    completes(host)


def test_cancelled_between_two_attempts(host: BakeryHost) -> None:
    host.behave({"do": "fail", "say": LOCKED}, {"do": "ok"})
    running = host.start("bake", host.bake_job(), pause=3600)
    running.says("trying again in")
    running.kill(name=signal.SIGTERM)
    assert "cancelled" in running.end(60).refused(), "long before the pause ends"
    assert host.builds() == 1, "not begun again for nobody"
    completes(host)


def test_two_at_once_bake_once(host: BakeryHost) -> None:
    first, second = (host.start("bake", host.bake_job()) for _ in range(2))
    answers = first.end(), second.end()
    assert answers[0].out == answers[1].out
    assert answers[0].record()["digest"] == DIGEST
    assert host.builds() == 1


def test_waiting_is_said_and_can_be_cancelled(hanging: Running) -> None:
    host = hanging.host
    waiting = host.start("bake", host.bake_job())
    waiting.says("another run is busy")
    waiting.kill(name=signal.SIGINT)
    assert "cancelled while waiting" in waiting.end(30).refused()
    assert host.builds() == 1
    assert host.left_behind(), "the other run goes on"
    hanging.kill(name=signal.SIGINT)
    hanging.end(20)
    completes(host)


def test_waiting_has_an_end(hanging: Running) -> None:
    host = hanging.host
    said = host.run("bake", host.bake_job(time_limit=1)).refused()
    assert "another run has been busy" in said
    hanging.kill(name=signal.SIGINT)
    hanging.end(20)
    completes(host)


def test_process_that_outlives_packer_is_ended(host: BakeryHost) -> None:
    host.behave({"do": "ok", "leave": True})
    host.run("bake", host.bake_job()).record()
    assert host.journal("left")
    assert host.left_behind() == []
