"""What comes out of the bakery: one record, a few short lines, nothing that is secret."""

import hashlib
import json
from pathlib import Path

import pytest

from images.record import BakeRecord, VerificationRecord
from tests.bakery.bakery_process import DIGEST, DISK_SHA256, BakeryHost, Ended

pytestmark = pytest.mark.unit

#: Over this, every later update of the stack breaks.
STATE_LIMIT = 128 << 10


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> tuple[BakeryHost, Ended]:
    """A host after one good bake, for tests that only look."""
    host = BakeryHost.open(tmp_path_factory.mktemp("baked") / "host")
    host.behave({"do": "ok", "say": "x" * 200_000})
    return host, host.run("bake", host.bake_job())


def test_record_says_what_was_made(baked: tuple[BakeryHost, Ended]) -> None:
    host, done = baked
    assert len(done.out) < STATE_LIMIT
    record = BakeRecord.model_validate_json(done.out)
    image = Path(record.image_id)
    assert image.read_bytes() == f"image of {record.name}".encode()
    assert record.sha256 == hashlib.sha256(image.read_bytes()).hexdigest()
    assert record.size_bytes == image.stat().st_size
    assert (record.digest, record.source.name) == (DIGEST, "debian-12")
    assert record.source.resolved == f"sha256:{DISK_SHA256}"
    assert (record.versions.docker, record.builder.packer) == ("20.10.24", "1.6.6")
    assert record.docker_images == {"factory/hello:1": "sha256:" + "1" * 64}
    packages = (image.parent / record.packages.file).read_bytes()
    assert record.packages.count == 2
    assert record.packages.sha256 == hashlib.sha256(packages).hexdigest()
    assert record.attempts == 1
    assert record.started_at < record.finished_at
    assert Path(record.log).is_file()
    assert host.left_behind() == []


def test_second_run_answers_the_same_without_packer(baked: tuple[BakeryHost, Ended]) -> None:
    host, first = baked
    calls = len(host.journal("called"))
    again = host.run("bake", host.bake_job(stack="other", time_limit=99, disk_gb=9))
    assert again.out == first.out
    assert len(host.journal("called")) == calls


def test_long_lines_stay_in_the_log(baked: tuple[BakeryHost, Ended]) -> None:
    _, done = baked
    assert max(map(len, done.err.splitlines())) < 1000
    assert "waiting for SSH" in done.err
    assert "x" * 200_000 in Path(done.record()["log"]).read_text(encoding="utf-8")


def test_long_lines_of_a_failure_too(host: BakeryHost) -> None:
    host.behave({"do": "fail", "say": "\n".join(["x" * 200_000, "the last word"])})
    said = host.run("bake", host.bake_job()).refused()
    assert max(map(len, said.splitlines())) < 1000
    assert "the last word" in said


def test_packer_gets_an_environment_without_secrets(host: BakeryHost) -> None:
    secrets = {
        "PULUMI_CONFIG_PASSPHRASE": "geheim-1",
        "PULUMI_ACCESS_TOKEN": "geheim-2",
        "AWS_SECRET_ACCESS_KEY": "geheim-3",
        "SSH_AUTH_SOCK": "/geheim-4",
        "ANYTHING_ELSE": "geheim-5",
    }
    host.environment.update(secrets, HTTPS_PROXY="http://proxy:1", LC_ALL="C")
    done = host.run("bake", host.bake_job())
    calls = host.journal("called")
    assert [call["argv"][0] for call in calls] == ["version", "build"]
    assert "geheim" not in json.dumps(calls)
    seen = calls[-1]["environment"]
    assert seen["HTTPS_PROXY"] == "http://proxy:1"
    assert seen["LC_ALL"] == "C"
    assert Path(seen["TMPDIR"]).parent == host.temporary
    assert Path(seen["PACKER_CACHE_DIR"]).is_relative_to(host.home), "not in the checkout"
    assert seen["CHECKPOINT_DISABLE"], "nobody is told what we build"
    assert "geheim" not in done.out + done.err
    kept = [file for file in host.home.rglob("*") if file.is_file()]
    assert not [file for file in kept if b"geheim" in file.read_bytes()]


def test_packer_can_be_interrupted(baked: tuple[BakeryHost, Ended]) -> None:
    host, _ = baked
    assert not {1, 2, 15} & set(host.journal("build")[0]["ignored"]), "SIG_IGN survives exec"


def test_what_packer_prints_of_secrets_is_not_shown(host: BakeryHost) -> None:
    host.environment["AWS_SECRET_ACCESS_KEY"] = "geheim/1"
    body = [f"MIIEvQgeheim{line:02}" + "abcdEFGH12345678" * 3 for line in range(27)]
    key = ["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----"]
    words = "\n".join([*key, "key geheim/1 was refused", "Authorization: Bearer geheim2"])
    host.behave({"do": "fail", "say": words})
    said = host.run("bake", host.bake_job()).refused()
    assert "was refused" in said
    assert "geheim" not in said


def test_template_gets_what_the_job_says(baked: tuple[BakeryHost, Ended]) -> None:
    host, _ = baked
    given = host.journal("build")[0]["variables"]
    assert given["prepare"] == ["packer/provision/apt-quiet.sh"]
    assert given["install"] == ["packer/provision/docker.sh", "packer/provision/inventory.sh"]
    assert given["seal"] == ["packer/provision/clean.sh"]
    assert given["environment"] == ["IMAGE_CLOUD=local", "PREPULL="]
    assert given["source_checksum"] == f"sha256:{DISK_SHA256}"
    assert given["throw_away"] is False


def test_verification_boots_the_content_once(host: BakeryHost) -> None:
    image = host.run("bake", host.bake_job()).record()["image_id"]
    first = host.run("verify", host.verify_job())
    record = VerificationRecord.model_validate_json(first.out)
    assert [check.name for check in record.checks] == ["boot", "docker", "quiet"]
    given = host.journal("build")[-1]["variables"]
    assert (given["source"], given["throw_away"]) == (image, True)
    assert host.run("verify", host.verify_job()).out == first.out
    assert host.builds("verify") == 1
    host.run("verify", host.verify_job(inputs=["run=2"]))
    assert host.builds("verify") == 2, "other checks are another verification"
    assert host.left_behind() == []
