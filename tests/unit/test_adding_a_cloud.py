"""What a new cloud has to be written into, as CONTRIBUTING.md lists it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from images.catalog import CLOUDS
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

ROOMS = ("bakery", "components", "config", "images", "ops", "bench", "tools")
OTHERS = [cloud for cloud in CLOUDS if cloud != "local"]


def words(file: Path) -> Iterator[str]:
    """Names and texts in code: no comments, no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if "\n" not in text and " " not in text:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(name)) | ast.FunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case _:
                pass


def names_every_cloud(file: Path) -> bool:
    found = {word for text in words(file) for word in re.findall(r"[A-Z]?[a-z]+", text)}
    return all({cloud, cloud.title()} & found for cloud in OTHERS)


def test_files_that_name_every_cloud_are_those_that_the_page_lists() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.partition("## Add a cloud\n")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `([^`]+\.py)` \|", section, re.MULTILINE))
    own = {*OTHERS, *(f"{cloud}.py" for cloud in OTHERS)}
    found = {
        str(path)
        for room in ROOMS
        for file in (PROJECT / room).rglob("*.py")
        if not own.intersection((path := file.relative_to(PROJECT)).parts)
        and names_every_cloud(file)
    }
    assert found == listed
