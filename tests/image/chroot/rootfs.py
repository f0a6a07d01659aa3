"""Root file systems that scenarios start from, made once and cached."""

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

#: What a cloud image brings and the steps take for granted.
PACKAGES = ("ca-certificates", "curl", "gpg", "jq", "kmod", "procps", "adduser", "passwd")


def _recipe(packages: tuple[str, ...]) -> tuple[str, ...]:
    return (
        "mmdebstrap",
        "--variant=apt",
        "--mode=auto",
        "--quiet",
        f"--include={','.join(packages)}",
        "--dpkgopt=force-unsafe-io",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--aptopt=Acquire::Languages none",
        "bookworm",
    )


def as_owner(*command: str | Path) -> list[str]:
    """A command for files of many owners: as root, or in a user namespace."""
    prefix = [] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--map-auto"]
    return [*prefix, *map(str, command)]


@functools.cache
def rootfs(*more: str) -> Path:
    """The folder of the root file system, which has more packages if they are named."""
    recipe = _recipe((*PACKAGES, *more))
    home = os.environ.get("DSTACK_IMAGES_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home or Path(cache) / "dstack-images") / "test-rootfs"
    ready = folder / hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    if ready.exists():
        return ready
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    work.chmod(0o755)  # a user namespace enters it as somebody else
    try:
        archive = work / "root.tar"
        subprocess.run([*recipe, archive, *_sources(work)], check=True)
        (work / "root").mkdir()
        target = ("-C", work / "root", "--numeric-owner", "--exclude=./dev/*")
        subprocess.run(as_owner("tar", "-xf", archive, *target), check=True)
        try:
            (work / "root").rename(ready)
        except OSError:
            if not ready.exists():  # else another test run was first
                raise
    finally:
        subprocess.run(as_owner("rm", "-rf", work), check=True)
    return ready


def _sources(work: Path) -> list[Path]:
    """This machine's own sources of Debian 12, where it has some: it may reach no other."""
    if not shutil.which("apt-get"):
        return []
    listing = subprocess.run(
        [
            *("apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"),
            "Created-By: Packages",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    suites = {"bookworm", "bookworm-updates", "bookworm-security"}
    entries = {line for line in listing.splitlines() if line.split()[2] in suites}
    wanted = sorted(line for line in entries if line.split()[3] == "main")
    if not wanted:
        return []
    sources = work / "sources.list"
    sources.write_text("".join(f"{line}\n" for line in wanted))
    return [sources]
