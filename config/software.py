"""What is installed in images: Docker, and what the GPU variants get."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from config.fields import Fingerprint, Key, Sha256, Strict, Text


class Docker(Strict):
    """Where Docker comes from. `version` is Docker's own, without Debian's decoration."""

    source: Annotated[Literal["docker.com", "distribution"], Key(bakes="all")] = "docker.com"
    """Docker's repository, or the distribution's package."""
    version: Annotated[
        str,
        StringConstraints(pattern=r"^(\d+\.\d+\.\d+)?$"),
        Key(allowed="three numbers with dots (`27.1.1`), or nothing", bakes="all"),
    ] = ""
    """Docker's own version. Required with `docker.com`; empty with `distribution` means the one
    it has.
    """
    repository: Annotated[Text | None, Key(bakes="all")] = None
    """A mirror with the layout of Docker's repository."""
    key_fingerprint: Annotated[
        Fingerprint | None, Key(allowed="40 digits of `0-9A-F`", bakes="all")
    ] = None
    """The key that the mirror signs with, where it is another."""

    @model_validator(mode="after")
    def _versioned(self) -> Self:
        if self.source == "docker.com" and not self.version:
            raise ValueError("version is needed with source docker.com (for instance 27.1.1)")
        return self


class Grid(Strict):
    """NVIDIA's GRID driver as Microsoft hands it out, and the kernel series it builds on."""

    url: Annotated[
        str,
        StringConstraints(pattern=r"^https?://"),
        Key(allowed="begins with `http://` or `https://`", bakes="grid"),
    ]
    """The installer that Microsoft hands out."""
    sha256: Annotated[Sha256 | None, Key(allowed="64 digits of `0-9a-f`", bakes="grid")] = None
    """Its checksum, without which no stack has the variant `grid`. Microsoft publishes none:
    download it once, compare with others, write it down.
    """
    kernel: Annotated[
        str,
        StringConstraints(pattern=r"^\d+\.\d+$"),
        Key(allowed="two numbers with a dot, in quotes", bakes="grid"),
    ] = "6.8"
    """The kernel series that the driver builds for."""


class Nvidia(Strict):
    """Driver branch and repositories of the GPU variants."""

    branch: Annotated[
        str,
        StringConstraints(pattern=r"^\d{3}$"),
        Key(allowed="three digits, in quotes", bakes="cuda"),
    ] = "580"
    """The driver's branch."""
    toolkit_version: Annotated[str | None, Key(bakes="cuda, grid")] = None
    """NVIDIA's container toolkit, such as `1.18.0`; without it the newest at the time of the
    bake.
    """
    grid: Grid | None = None
    """The GRID driver; required where a cloud has the variant `grid`."""
    cuda_repository: Annotated[Text | None, Key(bakes="cuda, a3mega")] = None
    """A mirror of NVIDIA's CUDA repository."""
    cuda_key_fingerprint: Annotated[
        Fingerprint | None, Key(allowed="40 digits of `0-9A-F`", bakes="cuda, a3mega")
    ] = None
    """The key that the mirror signs with, where it is another."""
    toolkit_repository: Annotated[Text | None, Key(bakes="cuda, grid")] = None
    """A mirror of the container toolkit's repository."""
    toolkit_key_fingerprint: Annotated[
        Fingerprint | None, Key(allowed="40 digits of `0-9A-F`", bakes="cuda, grid")
    ] = None
    """The key that the mirror signs with, where it is another."""
