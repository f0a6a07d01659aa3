"""Who may not make namespaces is told what to do, before any test of a step fails by itself."""

from pathlib import Path

import pytest

from tests.image.chroot.namespaces import SETTING, must_work, refusal
from tests.unit.test_tools_commands import program

pytestmark = pytest.mark.unit

#: As Ubuntu 24.04.3 says it (youki-dev/youki#3298).
DENIED = "unshare: write failed /proc/self/uid_map: Operation not permitted"


@pytest.mark.parametrize(
    ("restricted", "way_out"),
    [
        ("1", f"`sudo sysctl -w kernel.{SETTING.name}=0`"),
        ("0", "/etc/subuid"),
        ("", "the package uidmap"),
    ],
    ids=["ubuntu-24.04", "lifted", "no-apparmor"],
)
def test_what_denies_them_is_told_with_the_way_out(
    tmp_path: Path, restricted: str, way_out: str
) -> None:
    setting = tmp_path / SETTING.name
    if restricted:
        setting.write_text(f"{restricted}\n")
    unshare = program(tmp_path, "unshare", f"echo '{DENIED}' >&2; exit 1")
    told = refusal(str(unshare), setting)
    assert told
    assert DENIED in told
    assert way_out in told


def test_a_mount_that_is_denied_counts_as_well(tmp_path: Path) -> None:
    """AppArmor's profile lets some make the namespace, and denies what is done in it."""
    words = "[ $6 = mount ] && { echo 'mount: /proc: permission denied.' >&2; exit 32; }"
    assert "permission denied" in str(refusal(str(program(tmp_path, "unshare", words))))


def test_nothing_is_told_where_they_work(tmp_path: Path) -> None:
    assert refusal(str(program(tmp_path, "unshare", "exit 0"))) is None


def test_an_ordinary_user_is_told_by_a_failed_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "unshare", f"echo '{DENIED}' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(pytest.fail.Exception, match="uid_map"):
        must_work()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    must_work()
