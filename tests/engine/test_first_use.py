"""What a person does first with a stack of clouds, by the literal commands of the pages."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from config.load import load
from tests.engine.literal_pulumi import CHECKOUT, Pulumi

pytestmark = pytest.mark.engine


def schema() -> Draft202012Validator:
    return Draft202012Validator(
        json.loads((CHECKOUT / "config" / "stack.schema.json").read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_file_that_pulumi_has_written_is_taken_by_the_schema(tmp_path: Path, name: str) -> None:
    """`pulumi stack init` saves the whole file: outermost scalars become text."""
    project = tmp_path / "project"
    project.mkdir()
    for file in ("Pulumi.yaml", f"Pulumi.{name}.yaml"):
        (project / file).write_bytes((CHECKOUT / file).read_bytes())
    file = project / f"Pulumi.{name}.yaml"
    more = ("epoch: 1", "timeLimitMinutes: 100", "verify: false")
    lines = "".join(f"  dstack-images:{line}\n" for line in more)
    file.write_text(file.read_text(encoding="utf-8") + lines, encoding="utf-8")
    Pulumi(project, tmp_path / "home", name).run("stack", "init", name)

    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert "encryptionsalt" in written
    assert [error.message for error in schema().iter_errors(written)] == []
    # The driver's checksum is still to be computed.
    written["config"]["dstack-images:nvidia"]["grid"]["sha256"] = "0" * 64
    settings = load(
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in written["config"].items()
        }
    )
    assert (settings.epoch, settings.time_limit_minutes, settings.verify) == (1, 100, False)
    assert settings.immutable is (name == "prod")
