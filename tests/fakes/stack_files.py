"""Stack files of a folder that stands in for the checkout."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.unit_samples import CLOUDS, LOCAL, NAMESPACE


def use_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on stacks are looked for there."""
    monkeypatch.setattr("ops.stacks.PROJECT", folder)


def write_stack(folder: Path, name: str, clouds: dict[str, dict[str, Any]], **more: Any) -> Path:
    """The file of a stack; of each cloud what differs from the sample's settings."""
    sections = {cloud: {**CLOUDS[cloud], **changes} for cloud, changes in clouds.items()}
    values = {**LOCAL, "clouds": sections, **more}
    file = folder / f"Pulumi.{name}.yaml"
    config = {f"{NAMESPACE}:{key}": value for key, value in values.items()}
    file.write_text(yaml.safe_dump({"config": config}, sort_keys=False), encoding="utf-8")
    return file
