"""Another Pulumi program reads the contract, with the code of docs/dstack.md."""

import re
from pathlib import Path

import pytest

from tests.engine.literal_pulumi import CHECKOUT, Pulumi

pytestmark = pytest.mark.engine

#: As much of this project's stack as the other one sees.
IMAGES = 'import pulumi\npulumi.export("contract", {"version": "0.15", "images": []})\n'


def program(folder: Path, name: str, code: str) -> Path:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text(code, encoding="utf-8")
    return folder


def test_contract_is_read_by_its_reference(tmp_path: Path) -> None:
    page = (CHECKOUT / "docs" / "dstack.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    images = program(tmp_path / "images", "dstack-images", IMAGES)
    Pulumi(images, tmp_path / "home", "prod").init().up()
    reader = Pulumi(program(tmp_path / "dstack", "dstack", code), tmp_path / "home", "prod").init()
    reader.up()
    assert reader.outputs() == {"version": "0.15"}
