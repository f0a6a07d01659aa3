"""Stub Debian packages: real ones for dpkg and apt, with next to nothing inside."""

import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

#: What describes a package, and its file.
_BUILT: dict[str, bytes] = {}


@dataclass(frozen=True)
class Package:
    """What a stub package says of itself, and the few files and scripts it brings."""

    name: str
    version: str
    depends: str = ""
    breaks: str = ""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    conffiles: tuple[str, ...] = ()
    postinst: str = ""

    @property
    def file_name(self) -> str:
        """As in an archive, without the epoch, which no file name has."""
        return f"{self.name}_{self.version.split(':')[-1]}_amd64.deb"

    @property
    def control(self) -> str:
        """The paragraph that dpkg and apt read."""
        fields = {
            "Package": self.name,
            "Version": self.version,
            "Architecture": "amd64",
            "Maintainer": "Tests <tests@example.invalid>",
            "Depends": self.depends,
            "Breaks": self.breaks,
            "Description": "stub for tests",
        }
        return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)

    def content(self) -> bytes:
        """The package's file, built once for all who want the same."""
        recipe = repr(self)
        if recipe not in _BUILT:
            _BUILT[recipe] = self._build()
        return _BUILT[recipe]

    def _build(self) -> bytes:
        with tempfile.TemporaryDirectory() as temporary:
            tree = Path(temporary) / "tree"
            tree.mkdir()
            meta = tree / "DEBIAN"
            meta.mkdir()
            meta.chmod(0o755)
            (meta / "control").write_text(self.control)
            if self.conffiles:
                (meta / "conffiles").write_text("".join(f"{name}\n" for name in self.conffiles))
            if self.postinst:
                (meta / "postinst").write_text(f"#!/bin/sh\nset -e\n{self.postinst}\n")
                (meta / "postinst").chmod(0o755)
            for name, content in self.files.items():
                path = tree / name.lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                path.chmod(0o755 if "/bin/" in name else 0o644)
            tree.chmod(0o755)
            target = Path(temporary) / "package.deb"
            subprocess.run(
                ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, target],
                check=True,
                capture_output=True,
            )
            return target.read_bytes()


def kernel_module(version: str) -> bytes:
    """A kernel module as far as modinfo looks: an ELF object with a section .modinfo."""
    info = f"license=Dual MIT/GPL\0version={version}\0name=nvidia\0".encode()
    names = b"\0.modinfo\0.shstrtab\0"
    body = info + names
    body += b"\0" * (-len(body) % 8)
    header_size, section_size = 64, 64
    header = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    header += struct.pack(
        "<HHIQQQIHHHHHH",
        *(1, 62, 1, 0, 0, header_size + len(body), 0, header_size, 0, 0, section_size, 3, 2),
    )

    def section(name: int, kind: int, offset: int, size: int) -> bytes:
        return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, size, 0, 0, 1, 0)

    return (
        header
        + body
        + section(0, 0, 0, 0)
        + section(1, 1, header_size, len(info))
        + section(10, 3, header_size + len(info), len(names))
    )
