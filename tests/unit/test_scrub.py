"""Secrets do not reach a screen, however they come."""

import time

import pytest

from bakery.scrub import scrub

pytestmark = pytest.mark.unit

BODY = "\n".join("MIIEvQ" + "abcdEFGH12345678" * 3 for _ in range(20))
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "ARM_CLIENT_SECRET",
        "OCI_CLI_KEY_CONTENT",
        "PULUMI_CONFIG_PASSPHRASE",
        "GITHUB_TOKEN",
        "DB_PASSWD",
    ],
)
def test_values_of_secret_variables(name: str) -> None:
    assert scrub("it said hunter2-x there", {name: "hunter2-x"}) == "it said *** there"


def test_plain_variables_stay() -> None:
    assert scrub("/usr/bin:/bin", {"PATH": "/usr/bin:/bin"}) == "/usr/bin:/bin"


def test_lines_of_a_value_with_many() -> None:
    logged = "\n".join(f"==> machine: {line}" for line in BODY.splitlines())
    assert "MIIEvQ" not in scrub(logged, {"OCI_CLI_KEY_CONTENT": BODY})


@pytest.mark.parametrize(
    "text", [KEY, KEY.partition("\n")[2], KEY[:200]], ids=["whole", "end", "beginning"]
)
def test_keys_whole_or_cut_off(text: str) -> None:
    assert "MIIEvQ" not in scrub(f"{text}", {})


@pytest.mark.parametrize(
    "text",
    ["https://me:geheim99@proxy/", "Authorization: Bearer geheim99", "key AKIAGEHEIM99GEHEIM99"],
)
def test_shapes(text: str) -> None:
    scrubbed = scrub(f"{text} and more", {})
    assert "geheim99" not in scrubbed.lower()
    assert scrub(scrubbed, {}) == scrubbed, "a log is scrubbed after each attempt"


def test_long_lines_of_digests_take_no_time() -> None:
    began = time.thread_time()
    scrub("\n".join(["sha256:" + "0a" * 32] * 3000) + "x" * 100_000, {})
    assert time.thread_time() - began < 10
