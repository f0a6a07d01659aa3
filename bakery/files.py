"""Files that are there whole or not at all."""

from pathlib import Path


def write_atomic(file: Path, content: str | bytes) -> None:
    """Writes the content beside the file and renames it into place."""
    draft = file.with_name(f"{file.name}.draft")
    draft.write_bytes(content.encode() if isinstance(content, str) else content)
    draft.rename(file)
