"""Files that are there whole or not at all."""

from pathlib import Path


def write_atomic(file: Path, text: str) -> None:
    """Writes the text beside the file and renames it into place."""
    draft = file.with_name(f"{file.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.rename(file)
