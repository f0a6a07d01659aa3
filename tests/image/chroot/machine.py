"""One scenario's machine: the root file system with stubs for what needs systemd."""

import io
import os
import shlex
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.image.chroot import namespaces
from tests.image.chroot.rootfs import as_owner, rootfs

PROJECT = Path(__file__).resolve().parents[3]
PROVISION = PROJECT / "packer" / "provision"
STUBS = Path(__file__).parent / "stubs"
#: Programs that a chroot cannot run; the stub "record" replaces them.
RECORDED = (
    *("systemctl", "journalctl", "sysctl", "update-grub", "update-initramfs", "fstrim"),
    *("cloud-init", "waagent", "gcloud", "snap", "sleep"),
)

# The kernel's settings are the host's: nothing in here may write them.
ENTER = """
set -e
root=$1 overlay=$2; shift 2
[[ -z $overlay ]] || mount -t overlay -o "$overlay" overlay "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
"""
#: As the content of `run` unpacks an archive; files are as new as their being written.
EXTRACT = "tar --extract --touch --no-same-owner --preserve-permissions --directory=/"


def archive(files: Mapping[str, str], mode: str = "644") -> bytes:
    """The files by their paths, for `EXTRACT`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), int(mode, 8)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@dataclass(frozen=True)
class Outcome:
    """How a command in the machine ended, and all that it said."""

    status: int
    output: str

    @property
    def ok(self) -> bool:
        return self.status == 0


class Machine:
    """A root file system and ways to run things in it as its root.

    It begins as another machine is by then, or else as the bare root file system with the packages
    that are named.
    """

    def __init__(
        self, folder: Path, like: "Machine | None" = None, packages: tuple[str, ...] = ()
    ) -> None:
        namespaces.must_work()
        self.folder = folder / "machine"
        self.root, upper, work = (self.folder / name for name in ("root", "upper", "work"))
        subprocess.run(as_owner("mkdir", "-p", self.root, upper, work), check=True)
        self.layers: tuple[Path, ...] = (upper, *(like.layers if like else (rootfs(*packages),)))
        below = ":".join(map(str, self.layers[1:]))
        self.overlay = f"lowerdir={below},upperdir={upper},workdir={work}"
        if os.geteuid() != 0:
            self.overlay += ",userxattr"
        if not (like.overlay if like else self.run("true").ok):
            # no overlay in here, such as in a container that lies on one itself
            self.overlay = ""
            copy = as_owner("cp", "-a", "--reflink=auto", f"{self.layers[1]}/.", self.root)
            subprocess.run(copy, check=True)
            self.layers = (self.root,)

    def set_up(self) -> "Machine":
        """Give it what every scenario has: the stubs, the users, no source of packages."""
        tools = "/usr/local/sbin"
        stubs = {f"{tools}/{stub.name}": stub.read_text() for stub in STUBS.iterdir()}
        self.write_all(stubs, mode="755")
        done = self.run(
            "rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*\n"
            "mkdir -p /stub; useradd --create-home ubuntu; groupadd docker\n"
            + "\n".join(f"ln -s record {tools}/{name}" for name in RECORDED)
        )
        assert done.ok, done.output
        return self

    def run(self, script: str, content: bytes = b"", /, **environment: str) -> Outcome:
        """Run a piece of bash as root, with `content` on its standard input."""
        done = subprocess.run(
            self.command(script, **environment),
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode())

    def command(self, script: str, **environment: str) -> list[str]:
        """What runs a piece of bash as root, in mounts and processes of its own."""
        user = [] if os.geteuid() == 0 else ["--map-root-user", "--map-auto"]
        return [
            *("unshare", *user, "--mount", "--pid", "--fork", "--kill-child"),
            *("bash", "-c", ENTER, "enter", str(self.root), self.overlay),
            *("env", "-i", "PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"),
            *(f"{name}={value}" for name, value in environment.items()),
            *("bash", "-c", script),
        ]

    def step(self, name: str, **environment: str) -> Outcome:
        """Run a provisioning step as Packer does."""
        files = {
            "/var/tmp/dstack-lib.sh": (PROVISION / "lib.sh").read_text(),
            "/tmp/script.sh": (PROVISION / f"{name}.sh").read_text(),
        }
        script = f"{EXTRACT} && exec bash /tmp/script.sh </dev/null"
        return self.run(script, archive(files), **environment)

    def step_twice(self, name: str, **environment: str) -> Outcome:
        """Run a step that has to succeed, again when all is done already; gives the second."""
        first, second = (self.step(name, **environment) for _ in range(2))
        assert first.ok, first.output
        assert second.ok, second.output
        return second

    def write(self, path: str, content: str, mode: str = "644") -> None:
        """Write a file, and its folder where that is missing."""
        self.write_all({path: content}, mode)

    def write_all(self, files: Mapping[str, str], mode: str = "644") -> None:
        """Write files by their paths, and their folders where those are missing."""
        written = self.run(EXTRACT, archive(files, mode))
        assert written.ok, written.output

    def read(self, path: str) -> str:
        """What is in a file; nothing if there is none."""
        return self.run(f"cat {path} 2>/dev/null").output

    def exists(self, path: str) -> bool:
        return self.existing([path]) == [path]

    def existing(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that are there."""
        listed = " ".join(map(shlex.quote, paths))
        script = f'for path in {listed}; do [[ ! -e $path ]] || echo "$path"; done'
        return self.run(script).output.splitlines()

    def calls(self, program: str = "") -> list[str]:
        """How the recorded programs were called, in order; of one program, its arguments."""
        lines = self.read("/stub/calls").splitlines()
        if not program:
            return lines
        start = f"{program} "
        return [line.removeprefix(start) for line in lines if line.startswith(start)]

    def version(self, package: str) -> str:
        """The installed version of a package; nothing if it is not installed."""
        query = "dpkg-query --show --showformat='${db:Status-Status} ${Version}' "
        status, _, version = self.run(query + package + " 2>/dev/null").output.partition(" ")
        return version if status == "installed" else ""

    def held(self) -> set[str]:
        return set(self.run("apt-mark showhold").output.split())

    def remove(self) -> None:
        """Nothing is mounted any more: each run had its own mounts."""
        subprocess.run(as_owner("rm", "-rf", self.folder), check=True)
