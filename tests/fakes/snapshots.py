"""What this project sends to a cloud, kept as files that a person can hold against its documents.

`DSTACK_IMAGES_SNAPSHOTS=write` makes a run of the tests write them anew instead of comparing.
"""

import difflib
import json
import os
import re
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "snapshots"
_VARIABLE = "DSTACK_IMAGES_SNAPSHOTS"


#: The key of a tag or label that holds a piece of a record, and what is shown of it.
RECORD_KEY = re.compile(r"dstack-(record|verification)-[0-9]+")
PART_OF_RECORD = "<part of a record>"


def distinct(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each one once, in the order of the first time."""
    return [one for number, one in enumerate(found) if one not in found[:number]]


def compare(path: str, value: Any) -> None:
    """Fails with the differing lines where the file of that name holds another value.

    `path` is below `tests/snapshots`, such as `azure/role.json`; `value` is what JSON can say. Keys
    are sorted, lists are left in their order. Whatever differs from run to run (a time, a port)
    must be made the same before.
    """
    file, found = _FOLDER / path, json.dumps(value, indent=2, sort_keys=True) + "\n"
    if os.environ.get(_VARIABLE) == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found, encoding="utf-8")
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    if found != kept:
        lines = difflib.unified_diff(
            kept.splitlines(),
            found.splitlines(),
            f"tests/snapshots/{path}",
            "sent now",
            lineterm="",
        )
        shown = "\n".join(lines)
        raise AssertionError(
            f"{shown}\nif this is meant, run the test with {_VARIABLE}=write and commit the file"
        )
