"""Checks of a fresh machine: the runner, and those checks whose verdict needs no boot."""

import json
from collections.abc import Mapping

import pytest

from tests.image.chroot.machine import PROJECT, Outcome
from tests.image.chroot.world import KERNEL, World, module_package, stubs
from tests.image.repositories.package import Package

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

CHECKS = PROJECT / "packer" / "checks"
FACTS = "/var/lib/dstack-image"
DIGEST = "sha256:" + "a" * 64


def upload(world: World) -> None:
    files = {f"/tmp/checks/{path.name}": path.read_text() for path in CHECKS.iterdir()}
    world.machine.write_all(files)


def run(world: World, *names: str, **environment: str) -> tuple[Outcome, list[dict[str, object]]]:
    script = f"bash /tmp/checks/run /tmp/results.json {' '.join(names)}"
    outcome = world.machine.run(script, **environment)
    return outcome, json.loads(world.machine.read("/tmp/results.json") or "[]")


def verdict(world: World, name: str, **environment: str) -> tuple[bool, str]:
    """What one check says."""
    upload(world)
    outcome, results = run(world, name, **environment)
    assert outcome.ok, outcome.output
    return bool(results[0]["ok"]), str(results[0]["message"])


def inventory(world: World, content: Mapping[str, object]) -> None:
    world.machine.write(f"{FACTS}/inventory.json", json.dumps(content))


def test_all_run_and_are_reported_whatever_they_say(world: World) -> None:
    upload(world)
    for name, body in {
        "good": "echo found it",
        "bad": "echo 'it \"is\" missing' >&2; exit 1",
        "binary": "printf 'a\\xffb'",
        "long": "seq 100000; exit 3",
    }.items():
        world.machine.write(f"/tmp/checks/{name}.sh", body)
    outcome, results = run(world, "bad", "good", "binary", "long", "unheard-of")
    assert outcome.ok, outcome.output
    assert [(r["name"], r["ok"]) for r in results] == [
        ("bad", False),
        ("good", True),
        ("binary", True),
        ("long", False),
        ("unheard-of", False),
    ]
    messages = [str(r["message"]) for r in results]
    assert messages[:3] == ['it "is" missing', "found it", "ab"]
    assert messages[3].endswith("100000")
    assert len(messages[3]) <= 4000
    assert messages[4] == "there is no check of this name"
    assert all(isinstance(r["seconds"], float | int) for r in results)
    assert "check bad: FAILED" in outcome.output
    assert "check good: ok" in outcome.output


def test_a_check_has_a_limit(world: World) -> None:
    upload(world)
    world.machine.run("sed -i 's/^limit=180/limit=1/' /tmp/checks/run")
    world.machine.write("/tmp/checks/endless.sh", "echo started; tail -f /dev/null")
    world.machine.write("/tmp/checks/good.sh", "true")
    outcome, results = run(world, "endless", "good")
    assert outcome.ok, outcome.output
    assert results[0]["message"] == "not finished after 1 s\nstarted"
    assert [r["ok"] for r in results] == [False, True]


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [("rm /usr/bin/jq", "there is no jq"), ("true", "usage: ")],
    ids=["no-jq", "no-arguments"],
)
def test_a_runner_that_cannot_work_says_so(world: World, prepare: str, expected: str) -> None:
    upload(world)
    arguments = "" if prepare == "true" else "/tmp/results.json good"
    outcome = world.machine.run(f"{prepare}; bash /tmp/checks/run {arguments}")
    assert outcome.status == 2
    assert expected in outcome.output


def test_held_compares_with_the_bake(world: World) -> None:
    world.distribution(Package("docker-ce", "5:27.1.1-1"), *stubs("ufw"))
    assert world.machine.run("apt-get update && apt-get install -y docker-ce ufw").ok
    package = {"name": "docker-ce", "version": "5:27.1.1-1", "architecture": "amd64"}
    inventory(world, {"held": ["docker-ce"], "packages": [package]})
    ok, message = verdict(world, "held")
    assert not ok
    assert "held when baked: docker-ce; held now: " in message
    world.machine.run("apt-mark hold docker-ce")
    assert verdict(world, "held") == (True, "held: docker-ce")
    inventory(world, {"held": ["docker-ce"], "packages": [package | {"version": "5:27.1.0-1"}]})
    ok, message = verdict(world, "held")
    assert not ok
    assert "docker-ce is 5:27.1.1-1, baked was 5:27.1.0-1" in message
    inventory(world, {"held": [], "packages": []})
    world.machine.run("apt-mark unhold docker-ce")
    assert not verdict(world, "held")[0]


def test_kernel_module_wants_one_version_for_the_running_kernel(world: World) -> None:
    world.runs_kernel(KERNEL)
    # modinfo asks the kernel itself, which here is the host's
    world.machine.write(
        "/usr/local/sbin/modinfo", f'#!/bin/bash\nexec /sbin/modinfo -k {KERNEL} "$@"\n', mode="755"
    )
    inventory(world, {"versions": {"kernel": KERNEL, "driver": "580.95.05"}})
    ok, message = verdict(world, "kernel-module", IMAGE_VARIANT="cuda")
    assert not ok
    assert f"there is no nvidia module for the running kernel {KERNEL}" in message
    module = module_package("nvidia-dkms-open", "580.95.05", KERNEL)
    managers = [Package("nvidia-fabricmanager", f"580.{n}-1") for n in ("65.06", "95.05")]
    world.distribution(module, *managers)
    install = "apt-get update && apt-get install -y nvidia-dkms-open nvidia-fabricmanager="
    assert world.machine.run(f"{install}580.65.06-1").ok
    ok, message = verdict(world, "kernel-module", IMAGE_VARIANT="cuda")
    assert not ok
    assert "the fabric manager is 580.65.06, expected is 580.95.05" in message
    assert world.machine.run(f"{install}580.95.05-1").ok
    assert verdict(world, "kernel-module", IMAGE_VARIANT="cuda")[0]
    ok, message = verdict(world, "kernel-module", IMAGE_VARIANT="grid")
    assert not ok
    assert "no kernel is pinned" in message
    world.machine.write(f"{FACTS}/pinned-kernel", "6.8.0-1030-azure\n")
    ok, message = verdict(world, "kernel-module", IMAGE_VARIANT="grid")
    assert f"the kernel is {KERNEL}, expected is 6.8.0-1030-azure" in message


def test_gpu_tools_names_what_a_variant_lacks(world: World) -> None:
    world.machine.write("/stub/systemctl.out", "enabled\n")
    for tool in ("nvidia-smi", "nvidia-ctk", "nvidia-container-runtime", "nvidia-gridd"):
        world.machine.write(f"/usr/bin/{tool}", "#!/bin/sh\n", mode="755")
    world.machine.write("/etc/nvidia/gridd.conf", "IgnoreSP=FALSE\nEnableUI=FALSE\n")
    assert verdict(world, "gpu-tools", IMAGE_VARIANT="grid") == (True, "all there for grid")
    ok, message = verdict(world, "gpu-tools", IMAGE_VARIANT="cuda")
    assert not ok
    for missing in ("dcgm-exporter", "nv-fabricmanager", "libdcgm.so.4"):
        assert f"{missing} is missing" in message


def test_tools_names_all_that_is_missing(world: World) -> None:
    ok, message = verdict(world, "tools")
    assert not ok
    assert message.startswith("missing: ufw sudo sshd")


@pytest.mark.parametrize(
    ("ref", "recorded", "expected"),
    [
        ("dstackai/base:1", {"dstackai/base:1": DIGEST}, f"dstackai/base:1@{DIGEST}\n"),
        (f"dstackai/base:1@{DIGEST}", {}, f"dstackai/base:1@{DIGEST}\n"),
        ("dstackai/base:1", {}, "has no digest of dstackai/base:1"),
        ("dstackai/base:1@sha256:" + "b" * 64, {}, "expected is sha256:bbb"),
        ("dstackai/base:2", {"dstackai/base:2": DIGEST}, "dstackai/base:2 is not there"),
    ],
    ids=["recorded", "given", "unrecorded", "other", "absent"],
)
def test_prepulled_images_compares_digests(
    world: World, ref: str, recorded: dict[str, str], expected: str
) -> None:
    world.machine.write(
        "/usr/local/sbin/docker",
        "#!/bin/bash\n[[ $1 != run ]] || echo hello\n[[ $1 != image || $5 == *:1 ]] || exit 1\n"
        f"[[ $1 != image ]] || echo dstackai/base@{DIGEST}\n",
        mode="755",
    )
    world.machine.write(f"{FACTS}/docker-images.json", json.dumps(recorded))
    ok, message = verdict(world, "prepulled-images", PREPULL=ref)
    assert expected in message
    assert ok == expected.endswith("\n")
    if ok:
        assert "dstackai/base:1 ran: hello" in message


def test_no_configured_images_are_said(world: World) -> None:
    assert verdict(world, "prepulled-images") == (True, "no Docker images are configured")


KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAfreshkeyfreshkeyfreshkeyfreshkeyfreshkey1"
#: As cloud-init writes a key, and as Google's agent appends the same one later without a look at
#: what is there (GoogleCloudPlatform/guest-agent, `updateAuthorizedKeysFile`).
ON_GOOGLE = f"ssh-ed25519 {KEY} ubuntu\n\n# Added by Google\nssh-ed25519 {KEY} ubuntu\n"


@pytest.mark.parametrize(
    ("authorized", "ok"),
    [
        (f"ssh-ed25519 {KEY} packer\n", True),
        (ON_GOOGLE, True),
        (f'no-pty,command="echo a b" ssh-ed25519 {KEY}\nssh-ed25519 {KEY} x\n', True),
        (f"{ON_GOOGLE}ssh-ed25519 {KEY.replace('1', '2')} ubuntu\n", False),
        ("# nobody\n", False),
    ],
    ids=["one", "twice on Google Cloud", "with options", "another one", "none"],
)
def test_login_user_has_the_key_of_this_boot_alone(world: World, authorized: str, ok: bool) -> None:
    world.machine.write_all(
        {
            "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
            "/etc/ssh/ssh_host_ed25519_key": "made now",
            "/home/ubuntu/.ssh/authorized_keys": authorized,
        }
    )
    world.machine.run("rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*")
    found, message = verdict(world, "fresh-identity", LOGIN_USER="ubuntu")
    assert found == ok, message


def fresh(world: World) -> None:
    """A machine whose identity is its own."""
    world.machine.write_all(
        {
            "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
            "/etc/ssh/ssh_host_ed25519_key": "made now",
            "/home/ubuntu/.ssh/authorized_keys": f"ssh-ed25519 {KEY} packer\n",
        }
    )
    world.machine.run("rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*")


def test_indexes_of_this_boot_are_no_trace_of_the_bake(world: World) -> None:
    """Oracle's agent refreshes them at each boot; apt gives them the server's time."""
    fresh(world)
    world.machine.write("/var/lib/apt/lists/some_Packages", "")
    world.machine.run("touch --date 2026-01-01 /var/lib/apt/lists/some_Packages")
    ok, message = verdict(world, "fresh-identity", LOGIN_USER="ubuntu")
    assert ok, message


def test_indexes_that_are_older_than_the_boot_are(world: World) -> None:
    fresh(world)
    world.machine.write("/var/lib/apt/lists/some_Packages", "")
    upload(world)
    # No file can be given another time of change: the boot is moved instead.
    later = "boot_time=$(date --date tomorrow +%s)"
    check = "/tmp/checks/fresh-identity.sh"
    world.machine.run(f"sed -i 's/^boot_time=$((boot_time - 2))/{later}/' {check}")
    _, results = run(world, "fresh-identity", LOGIN_USER="ubuntu")
    assert not results[0]["ok"]
    left = "package indexes are left: /var/lib/apt/lists/some_Packages"
    assert left in str(results[0]["message"])


@pytest.mark.parametrize("key", ["/var/lib/shim-signed/mok/MOK.priv", "/var/lib/dkms/mok.key"])
def test_a_key_that_signs_modules_is_no_machines_own(world: World, key: str) -> None:
    fresh(world)
    world.machine.write(key, "private")
    ok, message = verdict(world, "fresh-identity", LOGIN_USER="ubuntu")
    assert not ok
    assert f"{key} is in the image, and so the same in all machines" in message


@pytest.mark.parametrize(
    ("unit", "ok"),
    [
        ("/system.slice/snap.oracle-cloud-agent.oracle-cloud-agent.service", True),
        ("/system.slice/cron.service", False),
    ],
)
def test_only_oracles_agent_may_run_apt(world: World, unit: str, ok: bool) -> None:
    """It does, within the first minutes of a boot (oracle-quickstart/oci-hpc-oke#34)."""
    tools = {
        "systemctl": "case $1 in is-enabled) echo masked ;; is-active) echo inactive ;; esac",
        "pgrep": "[[ ${@: -1} == apt ]] && echo 1852 apt update",
    }
    world.machine.run("rm /usr/local/sbin/systemctl")
    for name, body in tools.items():
        world.machine.write(f"/usr/local/sbin/{name}", f"#!/bin/bash\n{body}\n", mode="755")
    world.machine.write("/etc/apt/apt.conf.d/99", 'APT::Periodic::Enable "0";\n')
    world.machine.write("/stub/proc/1852/cgroup", f"0::{unit}\n")
    upload(world)
    world.machine.run("sed -i 's|/proc/|/stub/proc/|' /tmp/checks/quiet.sh")
    _, results = run(world, "quiet")
    message = str(results[0]["message"])
    assert results[0]["ok"] == ok, message
    assert ("running: 1852 apt update" in message) != ok


@pytest.mark.parametrize("in_force", [True, False])
def test_oracles_rules_are_in_force(world: World, in_force: bool) -> None:
    tools = {
        "ufw": "echo Status: inactive",
        "iptables": "echo -A OUTPUT -d 169.254.0.0/16 -j InstanceServices" if in_force else "true",
    }
    for name, body in tools.items():
        world.machine.write(f"/usr/local/sbin/{name}", f"#!/bin/bash\n{body}\n", mode="755")
    rules = "-A OUTPUT -d 169.254.0.0/16 -j InstanceServices\n"
    world.machine.write("/etc/iptables/rules.v4", rules)
    ok, message = verdict(world, "firewall-ready", IMAGE_CLOUD="oci")
    assert ok == in_force, message
    assert ("rules for its own services are not in force" in message) != in_force
