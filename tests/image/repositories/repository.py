"""A signed apt repository in a folder."""

import email.utils
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.image.repositories.package import Package
from tests.image.repositories.signing import SigningKey

#: All repositories are of one time, so that the same content has the same signature.
_DATE = email.utils.formatdate(usegmt=True)


@dataclass(frozen=True)
class Repository:
    """A folder that apt can read over HTTP."""

    folder: Path
    url: str
    key: SigningKey

    def publish(
        self,
        packages: Iterable[Package],
        *,
        indexes: str = "",
        component: str = "",
        key_file: str = "",
        label: str = "Tests",
    ) -> None:
        """Write packages, indexes and the public key.

        `indexes` is the folder of the index relative to the repository, with `component` for one
        of the layout dists/SUITE/COMPONENT/binary-ARCH, without for a flat one.
        """
        release_folder = self.folder / indexes
        index_folder = release_folder / component / "binary-amd64" if component else release_folder
        index_folder.mkdir(parents=True, exist_ok=True)
        # a flat repository's file names count from the repository, which is its index folder
        base = self.folder if component else release_folder
        pool = base / "pool"
        pool.mkdir(exist_ok=True)
        paragraphs: list[str] = []
        for package in packages:
            content = package.content()
            (pool / package.file_name).write_bytes(content)
            paragraphs.append(
                f"{package.control}Filename: pool/{package.file_name}\nSize: {len(content)}\n"
                f"SHA256: {hashlib.sha256(content).hexdigest()}\n"
            )
        index = "\n".join(paragraphs).encode()
        (index_folder / "Packages").write_bytes(index)
        name = (index_folder / "Packages").relative_to(release_folder)
        release = (
            f"Origin: {label}\nLabel: {label}\nArchitectures: amd64\n"
            + (f"Components: {component}\n" if component else "")
            + f"Date: {_DATE}\n"
            + f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} {name}\n"
        )
        (release_folder / "InRelease").write_bytes(self.key.clearsign(release.encode()))
        if key_file:
            (self.folder / key_file).write_bytes(self.key.public())
