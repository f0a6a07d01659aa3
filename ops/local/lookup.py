"""Looks for the files of this machine."""

from collections.abc import Iterator
from pathlib import Path

from config.settings import Clouds
from images.contract import Image
from images.local import LocalPlace
from ops.look import Look, of, place_of


def looks(image: Image, _clouds: Clouds) -> Iterator[Look]:
    """Whether the file is there, and as long as it was. No server asks for it."""
    place = place_of(image, LocalPlace)
    file = Path(place.path)
    size = file.stat().st_size if file.is_file() else None
    problem = None
    if size is None:
        problem = "there is no such file"
    elif size != place.size_bytes:
        problem = f"it has {size} bytes, and had {place.size_bytes} when it was published"
    yield of(image, "here", boots=None if size is None else place.path, problem=problem)
