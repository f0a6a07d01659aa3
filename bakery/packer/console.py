"""The serial console of the machine that Packer drives, where this machine can read it."""

import time
from contextlib import suppress
from pathlib import Path

from bakery.scrub import scrub
from images.record import Fact

_WORDS_BYTES = 4096
_WORDS_LINES = 3
_WIDTH = 200


class Console(Fact):
    """A file to which the console is written, every attempt after the one before.

    `patience`: seconds without a word after which a machine that is waited for counts as hung.
    """

    file: Path
    patience: float

    def is_silent(self, since: float) -> bool:
        """Whether nothing was said for too long, in a wait that began at `since` of the epoch."""
        with suppress(FileNotFoundError):
            since = max(since, self.file.stat().st_mtime)
        return time.time() - since > self.patience

    def last_words(self) -> str:
        """What was seen last, and where all of it is."""
        try:
            with self.file.open("rb") as file:
                file.seek(max(0, self.file.stat().st_size - _WORDS_BYTES))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            text = ""
        lines = [line for line in scrub(_printable(text)).splitlines() if line.strip()]
        if not lines:
            return f"The machine's console has said nothing; it is written to {self.file}"
        words = "\n".join(f"  | {line.strip()[:_WIDTH]}" for line in lines[-_WORDS_LINES:])
        return f"The last that the machine's console said:\n{words}\nAll of it: {self.file}"


def _printable(text: str) -> str:
    """Return the text without what moves a terminal's cursor or sets its colours."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
