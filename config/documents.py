"""What is written from the keys: Pulumi.yaml's `config`, the page's tables, an editor's schema."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from config.docstrings import WithDocstrings
from config.keys import Described, every
from config.namespaces import NAMESPACE
from config.settings import Settings
from images.catalog import CLOUDS

_PROJECT = Path(__file__).parent.parent
_HEADER = "| key | type | default | allowed | bakes | what it does |\n|---|---|---|---|---|---|\n"
#: Heading of the page -> how the keys of its table begin. The first has what has no section.
_SECTIONS = {
    "## The stack": "",
    "## docker": "docker.",
    "## nvidia": "nvidia.",
    **{f"### {cloud}": f"clouds.{cloud}" for cloud in CLOUDS},
}


def page(text: str) -> str:
    """docs/configuration.md with its tables written anew."""
    keys = every()
    for heading, prefix in _SECTIONS.items():
        rows = "".join(_row(key) for key in keys if _belongs(key.name, prefix))
        before, found, section = text.partition(f"{heading}\n")
        above, header, table = section.partition(_HEADER)
        if not found or not header or "\n#" in above:
            raise LookupError(f"docs/configuration.md has no table below {heading!r}")
        below = re.sub(r"\A(?:\|.*\n)*", "", table)
        text = "".join((before, found, above, header, rows, below))
    return text


def project_file(text: str) -> str:
    """Pulumi.yaml with its `config` written anew, which is its last part."""
    head = text.partition("config:\n")[0]
    declared = {f"{NAMESPACE}:{key.name}": _declared(key) for key in every() if _top(key.name)}
    body = yaml.safe_dump({"config": declared}, sort_keys=False, width=1000, allow_unicode=True)
    return head + body


def schema(_text: str) -> str:
    """JSON Schema of a stack's file, for editors."""
    settings = Settings.model_json_schema(schema_generator=WithDocstrings)
    keys = {
        f"{NAMESPACE}:{name}": _as_pulumi_writes(described)
        for name, described in settings["properties"].items()
    }
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of dstack's VM images: Pulumi.<stack>.yaml",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": keys,
                "required": [f"{NAMESPACE}:{name}" for name in settings["required"]],
                "patternProperties": {f"^(?!{NAMESPACE}:)": True},
                "additionalProperties": False,
            }
        },
        "$defs": settings["$defs"],
    }
    return json.dumps(document, indent=2) + "\n"


#: What text has to be of an outermost key of another type.
_AS_TEXT = {"boolean": "^(true|false)$", "integer": "^-?[0-9]+$"}


def _as_pulumi_writes(described: dict[str, Any]) -> dict[str, Any]:
    """The key's schema, which also takes what `pulumi stack init` and `config set` make of it.

    Both save the whole file, and its outermost scalars as text: `immutable: true` becomes
    `immutable: "true"`. The program reads both as the same.
    """
    kind = described.get("type")
    if kind not in _AS_TEXT:
        return described
    return {**described, "type": [kind, "string"], "pattern": _AS_TEXT[kind]}


#: File of the checkout -> its text, written anew.
DOCUMENTS: dict[str, Callable[[str], str]] = {
    "Pulumi.yaml": project_file,
    "docs/configuration.md": page,
    "config/stack.schema.json": schema,
}


def write() -> Iterator[str]:
    """Writes what is not current; says which files these were."""
    for name, written in DOCUMENTS.items():
        file = _PROJECT / name
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        after = written(before)
        if after != before:
            file.write_text(after, encoding="utf-8")
            yield name


def _belongs(name: str, prefix: str) -> bool:
    if not prefix:
        return _top(name)
    return name == prefix or name.startswith(prefix if prefix.endswith(".") else f"{prefix}.")


def _top(name: str) -> bool:
    return "." not in name


def _row(key: Described) -> str:
    default = "required" if key.default is None else f"`{key.default}`"
    if default == "`null`":
        default = "none"
    bakes = "" if key.is_section else key.key.bakes
    text = key.text.removesuffix(".")
    cells = (f"`{key.name}`", key.type, default, key.allowed, bakes, text)
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|\n"


def _declared(key: Described) -> dict[str, Any]:
    """Return a key as Pulumi's project files declare it."""
    kinds = {"text": "string", "boolean": "boolean", "integer": "integer", "object": "object"}
    declared: dict[str, Any] = (
        {"type": "array", "items": {"type": "string"}}
        if key.type == "list of text"
        else {"type": kinds[key.type]}
    )
    if key.default is not None:
        declared["default"] = key.value
    return {**declared, "description": key.text.replace("`", "")}
