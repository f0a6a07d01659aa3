"""Failures: what is wrong, where, what to do; nothing left; the next good run works."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bakery.bakery_process import DIGEST, BakeryHost
from tests.engine.literal_pulumi import CHECKOUT

pytestmark = pytest.mark.unit

LOCKED = "E: Could not get lock /var/lib/dpkg/lock-frontend"


def completes(host: BakeryHost) -> None:
    assert host.left_behind() == []
    host.behave({"do": "ok"})
    host.run("bake", host.bake_job()).record()
    assert host.left_behind() == []


def test_failing_step_fails_at_once_with_its_last_lines(host: BakeryHost) -> None:
    lines = [f"line {number}" for number in range(100)]
    host.behave({"do": "fail", "say": "\n".join([*lines, "docker.sh: no such version"])})
    said = host.run("bake", host.bake_job()).refused()
    assert "docker.sh: no such version" in said
    assert "line 99" in said
    assert "line 1\n" not in said, "the whole of it is in the log"
    log = Path(said.partition("The whole log: ")[2].strip())
    assert "line 1\n" in log.read_text(encoding="utf-8")
    assert host.builds() == 1
    completes(host)


def test_logs_have_no_secrets_for_whoever_may_download_them(host: BakeryHost) -> None:
    host.environment["AWS_SECRET_ACCESS_KEY"] = secret = "hunter2-hunter2"
    host.behave({"do": "fail", "say": f"it has {secret}", "crashes": f"environ: {secret}"})
    said = host.run("bake", host.bake_job()).refused()
    log = Path(said.partition("The whole log: ")[2].strip())
    told = {file.name: file.read_text(encoding="utf-8") for file in log.parent.iterdir()}
    assert "it has ***\n" in told[log.name]
    assert told[f"{log.stem}-crash.log"] == "environ: ***"
    assert secret not in "".join(told.values())


def test_what_packer_writes_when_it_crashes_is_beside_its_log(host: BakeryHost) -> None:
    host.behave({"do": "fail", "crashes": "panic: runtime error"})
    said = host.run("bake", host.bake_job()).refused()
    log = Path(said.partition("The whole log: ")[2].strip())
    crash = log.with_name(f"{log.stem}-crash.log")
    assert crash.read_text(encoding="utf-8") == "panic: runtime error"
    assert f"Packer's crash is told in {crash}" in said
    assert not (CHECKOUT / "crash.log").exists()
    completes(host)


def test_only_what_passes_by_itself_is_tried_again(host: BakeryHost) -> None:
    """The second failure is judged by its own output, not by that of the first."""
    host.behave({"do": "fail", "say": LOCKED}, {"do": "fail", "say": "no such version"})
    said = host.run("bake", host.bake_job()).refused()
    assert "'Could not get lock', which passes: trying again in " in said
    assert "no such version" in said.partition("error: ")[2]
    assert "Could not get lock" not in said.partition("error: ")[2]
    assert host.builds() == 2
    completes(host)


def test_second_attempt_completes_and_is_counted(host: BakeryHost) -> None:
    host.behave({"do": "fail", "say": LOCKED}, {"do": "ok"})
    done = host.run("bake", host.bake_job())
    assert "'Could not get lock', which passes: trying again in " in done.err
    assert done.record()["attempts"] == host.builds() == 2
    assert host.left_behind() == []


@pytest.mark.parametrize(
    "missing", ["inventory.json", "packages.txt", "package-database.tar.gz", "image"]
)
def test_packer_ends_well_but_something_is_missing(host: BakeryHost, missing: str) -> None:
    job = host.bake_job()
    name = job["bake"] if missing == "image" else missing
    host.behave({"do": "ok", "without": [name]})
    said = host.run("bake", job).refused()
    assert name in said
    assert not (host.home / "store" / job["bake"]).exists(), "a bake is whole or not there"
    assert host.left_behind() == []


def test_failed_check_is_named_and_not_recorded(host: BakeryHost) -> None:
    host.run("bake", host.bake_job())
    host.behave({"do": "ok", "failed": ["docker"]}, {"do": "ok"})
    said = host.run("verify", host.verify_job()).refused()
    assert "1 of 3 checks failed" in said
    assert "docker: about docker" in said
    assert "about boot" not in said
    assert Path(said.partition("The whole log: ")[2].strip()).is_file()
    host.run("verify", host.verify_job()).record()
    assert host.builds("verify") == 2
    assert host.builds() == 1, "the content was good"


@pytest.mark.parametrize("missing", ["docker", "checks.json"])
def test_missing_result_of_a_check_is_a_failure(host: BakeryHost, missing: str) -> None:
    host.run("bake", host.bake_job())
    host.behave({"do": "ok", "without": [missing]})
    said = host.run("verify", host.verify_job()).refused()
    assert "checks" in said
    assert "log" in said
    assert host.left_behind() == []


def test_verification_of_content_that_is_gone(host: BakeryHost) -> None:
    said = host.run("verify", host.verify_job()).refused()
    assert host.bake_job()["bake"] in said
    assert "pulumi up --replace" in said


@pytest.mark.parametrize(
    ("work", "job"),
    [("bake", b"{}"), ("verify", b""), ("publish", b"[1, 2"), ("unpublish", b"\xff\xfe\x00")],
)
def test_job_that_cannot_be_used(host: BakeryHost, work: str, job: bytes) -> None:
    said = host.feed(work, job).refused()
    assert "the job on standard input cannot be used" in said
    assert not host.journal("called")


@pytest.mark.parametrize("program", ["packer", "qemu-system-x86_64", "qemu-img", "ssh-keygen"])
def test_program_that_is_not_there(host: BakeryHost, program: str) -> None:
    (host.bin / program).rename(host.bin / "hidden")
    said = host.run("bake", host.bake_job()).refused()
    assert f"there is no {program} on PATH; run `make setup`" in said
    assert host.left_behind() == []


def test_program_beside_packer_that_cannot_be_started(host: BakeryHost) -> None:
    host.add_program("docker-registry", "#!/no/such/interpreter\n")
    host.behave({"do": "hang"})
    job = host.bake_job()
    job["target"]["demo_registry"] = str(host.folder)
    said = host.run("bake", job).refused()
    assert f"{host.bin}/docker-registry: No such file or directory" in said
    assert "Packer was stopped" in said
    completes(host)


def test_base_image_is_gone(host: BakeryHost) -> None:
    host.base_image().unlink()
    said = host.run("bake", host.bake_job()).refused()
    assert f"{host.base_image()} is gone; run `make setup`" in said


def test_damaged_content_is_named_with_the_way_out(host: BakeryHost) -> None:
    job = host.bake_job()
    image = Path(host.run("bake", job).record()["image_id"])
    for file in (image, image.with_name("record.json")):
        file.chmod(0o644)
        file.write_text("{", encoding="utf-8")
        said = host.run("bake", job).refused()
        assert str(file) in said
        assert f"python -m ops discard {job['bake']}" in said
    assert host.builds() == 1
    discard = [sys.executable, "-m", "ops", "discard", job["bake"]]
    subprocess.run(discard, cwd=CHECKOUT, env=host.environment, check=True)
    host.run("bake", job).record()
    assert host.builds() == 2


def test_content_of_another_digest_under_this_name_is_refused(host: BakeryHost) -> None:
    host.run("bake", host.bake_job())
    other = DIGEST[:12] + "f" * 52
    said = host.run("bake", host.bake_job(digest=other)).refused()
    assert DIGEST in said
    assert other in said


def test_home_that_cannot_be_used(host: BakeryHost) -> None:
    host.environment["DSTACK_IMAGES_HOME"] = str(host.base_image())
    said = host.run("bake", host.bake_job()).refused()
    assert str(host.base_image()) in said


def test_bake_that_was_never_completed_is_made_again(host: BakeryHost) -> None:
    job = host.bake_job()
    half = host.home / "store" / job["bake"]
    half.mkdir(parents=True)
    (half / "image.qcow2").write_text("half", encoding="utf-8")
    done = host.run("bake", job)
    assert "never completed" in done.err
    assert json.loads((half / "record.json").read_text(encoding="utf-8")) == done.record()
