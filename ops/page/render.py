"""Fills the template. The page needs nothing else and may do nothing else, by its own policy."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from images.contract import Contract
from images.record import BakeRecord
from ops.page.finder import finder, settings
from ops.page.releases import as_of, cards, matrix

_HERE = Path(__file__).parent


def render(contract: Contract, records: Mapping[str, BakeRecord], sboms: Path | None = None) -> str:
    """The page as one HTML document, the same bytes of the same contract.

    `sboms`: a folder with bills of materials, to tell changes of packages.
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_HERE / "page.css").read_text(), (_HERE / "page.js").read_text()
    current = next(
        (release for release in contract.releases if release.version == contract.current), None
    )
    shown = current or next(iter(reversed(contract.releases)), None)
    live = [release for release in contract.releases[::-1] if release.state == "live"]
    live.sort(key=lambda release: release is not shown)
    found = finder(contract)
    return environment.get_template("page.html.j2").render(
        contract=contract,
        as_of=as_of(contract),
        cards=cards(contract, records, sboms),
        matrices=[(release, matrix(release)) for release in live],
        shown=shown,
        finder=found,
        data=embedded(found),
        settings=settings(contract.current, contract.prefix) if contract.current else "",
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def embedded(value: object) -> str:
    """JSON that nothing in it can end early: no `<`, and no end of line of JavaScript's own."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
