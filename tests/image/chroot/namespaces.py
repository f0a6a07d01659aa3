"""Whether this user may make the namespaces in which machines of the tests are run.

Root makes them anywhere. Anybody else needs a user namespace, in which Ubuntu denies what these
tests do from 24.04 on: `kernel.apparmor_restrict_unprivileged_userns` is 1 there, and no profile of
AppArmor is for `unshare` ("Restricted unprivileged user namespaces are coming to Ubuntu 23.10",
ubuntu.com/blog). GitHub's runners are such a machine (actions/runner-images#10443).
"""

import os
import subprocess
from pathlib import Path

import pytest

SETTING = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
#: What a machine wants, without one: users of a range, and a mount.
_TRIED = ("--map-root-user", "--map-auto", "--mount", "--pid", "--fork")


def must_work() -> None:
    """Fails the test with what to do where namespaces are denied."""
    if os.geteuid() != 0 and (why := refusal()):
        pytest.fail(why, pytrace=False)


def refusal(unshare: str = "unshare", setting: Path = SETTING) -> str | None:
    """What denies them to an ordinary user, and what to do; None where nothing does."""
    tried = [unshare, *_TRIED, "mount", "-t", "proc", "proc", "/proc"]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    said = done.stderr.strip() or f"exit status {done.returncode}"
    if setting.exists() and setting.read_text().strip() == "1":
        what = (
            "AppArmor restricts user namespaces on this machine, as Ubuntu does from 24.04 on. "
            "Until the next boot, this lifts it: "
            f"`sudo sysctl -w kernel.{setting.name}=0`"
        )
    else:
        what = (
            "They want the package uidmap, a range of your own in /etc/subuid and /etc/subgid, and "
            "a kernel that has user namespaces, which containers often deny"
        )
    return (
        f"provisioning steps are tried in user namespaces, and this machine has none for you "
        f"({said}). {what}. Root needs none; docs/setup.md tells more"
    )
