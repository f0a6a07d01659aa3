"""Takes secrets out of text that people will see."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_SECRET_NAME = re.compile(
    r"SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|KEY_CONTENT|(ACCESS|API|AUTH)_?KEY"
)
_SHAPES = (
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}"),
    # Not what is replaced already: to do it twice must change nothing.
    re.compile(r"(?i)(?<=authorization: )(?!\*\*\*)\S+(?: \S+)?"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)
_KEY_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_SHORTEST = 6


def scrub(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text with values of secret-looking variables and secret-looking shapes replaced."""
    for value in sorted(_values(environment), key=len, reverse=True):
        text = text.replace(value, "***")
    cut_off = _KEY_END.search(text)
    if cut_off and "-----BEGIN" not in text[: cut_off.start()]:
        # The text begins within a key.
        text = "***" + text[cut_off.end() :]
    for shape in _SHAPES:
        text = shape.sub("***", text)
    return text


def scrub_file(file: Path) -> None:
    """The same for a file."""
    text = file.read_text(encoding="utf-8", errors="replace")
    file.write_text(scrub(text), encoding="utf-8")


def _values(environment: Mapping[str, str]) -> set[str]:
    """The secrets, whole and line by line: a log puts its own words before each line."""
    whole = [value for name, value in environment.items() if _SECRET_NAME.search(name.upper())]
    lines = [line for value in whole for line in value.splitlines()]
    return {value for value in (*whole, *lines) if len(value.strip()) >= _SHORTEST}
