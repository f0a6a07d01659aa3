"""A machine that lets Packer in: a root file system with a real SSH server, as long as it runs."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

from images import ports
from tests.image.chroot.machine import Machine

_PACKAGES = ("openssh-server", "sudo")
_KERNEL = "6.8.0-1021-oracle"
_HOME = "/home/ubuntu"
_AUTHORIZED = f"{_HOME}/.ssh/authorized_keys"
_SERVE = f"""
set -e
chown -R ubuntu: {_HOME}/.ssh
chmod 700 {_HOME}/.ssh
mkdir -p /run/sshd
exec /usr/sbin/sshd -D -e -o ListenAddress=127.0.0.1:PORT -o UsePAM=no
"""
#: In place of Packer: the machine is at a port of its own, for which the template has no variable.
_PACKER = """#!/bin/sh
for last; do :; done
if [ "$1" = build ] && ! grep -q ssh_port "$last/oci.pkr.hcl"; then
  sed -i 's/^  communicator = "ssh"$/&\\n  ssh_port     = {port}/' "$last/oci.pkr.hcl"
fi
exec {packer} "$@"
"""


class SshMachine:
    """It is off until somebody launches it with a key, and as it was left when that has ended."""

    def __init__(self, folder: Path) -> None:
        self.files = Machine(folder, packages=_PACKAGES).set_up()
        self.files.write_all(
            {
                "/stub/kernel": f"{_KERNEL}\n",
                f"/boot/vmlinuz-{_KERNEL}": "",
                "/etc/sudoers.d/ubuntu": "ubuntu ALL=(ALL) NOPASSWD:ALL\n",
            }
        )
        # Without PAM a locked account may not log in by key either.
        assert self.files.run("usermod --password '*' --shell /bin/bash ubuntu").ok
        # Whether the kernel is newer than the boot shows in whole seconds.
        self._made = time.monotonic()
        self._folder = folder
        self._holder, self.port = ports.reserve()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._holder.close()
        self.files.remove()

    def start(self, metadata: dict[str, str]) -> None:
        time.sleep(max(0.0, self._made + 2.1 - time.monotonic()))
        self.files.write(_AUTHORIZED, metadata["ssh_authorized_keys"])
        serve = _SERVE.replace("PORT", str(self.port))
        with (self._folder / "sshd.log").open("ab") as log:
            self._server = subprocess.Popen(
                self.files.command(serve),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> None:
        if self._server:
            self._server.kill()
            self._server.wait()
            self._server = None

    def lets_in(self) -> bool:
        """Whether somebody's key is still there."""
        return self.files.exists(_AUTHORIZED)

    def packer(self) -> Path:
        """A folder for the front of PATH, with a Packer that finds the machine."""
        real = shutil.which("packer")
        assert real is not None
        folder = self._folder / "bin"
        folder.mkdir()
        wrapper = folder / "packer"
        wrapper.write_text(_PACKER.format(port=self.port, packer=real))
        wrapper.chmod(0o755)
        return folder
