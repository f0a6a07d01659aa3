"""What a person does first with a stack of clouds, by the literal commands of the pages."""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from config.load import load
from config.settings import Settings
from tests.engine.literal_pulumi import CHECKOUT, Pulumi
from tests.simulators.aws.moto_account import MotoAccount

pytestmark = pytest.mark.engine

PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
REGION = "eu-west-1"


def lines(beginning: str) -> set[str]:
    """The commands of all pages that begin so."""
    found = re.compile(rf"^ *({re.escape(beginning)}.*)$", re.MULTILINE)
    return {line for page in PAGES for line in found.findall(page.read_text(encoding="utf-8"))}


def project_of(folder: Path, name: str) -> Path:
    """The project's file and one stack's, as they are committed."""
    project = folder / "project"
    project.mkdir()
    for file in ("Pulumi.yaml", f"Pulumi.{name}.yaml"):
        (project / file).write_bytes((CHECKOUT / file).read_bytes())
    return project


def run(pulumi: Pulumi, *commands: str) -> None:
    environment = pulumi.environment()
    for command in commands:
        subprocess.run(["sh", "-euc", command], cwd=pulumi.project, env=environment, check=True)


def written(file: Path) -> dict[str, Any]:
    """The file, which an editor's schema takes."""
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    schema = json.loads((CHECKOUT / "config" / "stack.schema.json").read_text(encoding="utf-8"))
    errors = Draft202012Validator(schema).iter_errors(found)
    assert [error.message for error in errors] == []
    return found


def settings(found: dict[str, Any]) -> Settings:
    """Return the file as the program reads it; the driver's checksum may still be missing."""
    found["config"]["dstack-images:nvidia"]["grid"].setdefault("sha256", "0" * 64)
    values = found["config"].items()
    return load({key: v if isinstance(v, str) else json.dumps(v) for key, v in values})


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_file_that_pulumi_has_written_is_taken_by_schema_and_program(
    tmp_path: Path, name: str
) -> None:
    """`pulumi stack init` saves the whole file: outermost scalars become text."""
    project = project_of(tmp_path, name)
    file = project / f"Pulumi.{name}.yaml"
    more = ("epoch: 1", "timeLimitMinutes: 100", "verify: false")
    added = "".join(f"  dstack-images:{line}\n" for line in more)
    file.write_text(file.read_text(encoding="utf-8") + added, encoding="utf-8")
    Pulumi(project, tmp_path / "home", name).run("stack", "init", name)

    found = written(file)
    assert "encryptionsalt" in found
    read = settings(found)
    assert (read.epoch, read.time_limit_minutes, read.verify) == (1, 100, False)
    assert read.immutable is (name == "prod")


@pytest.fixture
def key(account: MotoAccount) -> str:
    """The key of the pages, in an AWS that has it."""
    account.reset()
    client = account.client("kms", REGION)
    made = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName="alias/NAME", TargetKeyId=made)
    (line,) = lines("export PULUMI_SECRETS_PROVIDER=")
    return line.partition("=")[2].strip("'").replace("REGION", REGION)


def with_key(folder: Path, name: str, account: MotoAccount, key: str) -> Pulumi:
    env = {**account.env, "AWS_ENDPOINT_URL": account.address, "PULUMI_SECRETS_PROVIDER": key}
    return Pulumi(project_of(folder, name), folder / "home", name, env)


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_stacks_are_made_with_the_key(
    tmp_path: Path, account: MotoAccount, key: str, name: str
) -> None:
    """Pulumi does not know the variable: without `--secrets-provider` it asks for a passphrase."""
    (command,) = lines(f"pulumi stack init {name}")
    pulumi = with_key(tmp_path, name, account, key)
    run(pulumi, command)
    found = written(pulumi.project / f"Pulumi.{name}.yaml")
    assert found["secretsprovider"] == key
    assert "encryptionsalt" not in found


def test_stack_of_a_passphrase_gets_the_key(tmp_path: Path, account: MotoAccount, key: str) -> None:
    (command,) = lines("pulumi stack change-secrets-provider")
    pulumi = with_key(tmp_path, "staging", account, key)
    file = pulumi.project / "Pulumi.staging.yaml"
    run(pulumi, "pulumi stack init staging")
    assert "encryptionsalt" in written(file)
    run(pulumi, command)
    found = written(file)
    assert found["secretsprovider"] == key
    assert "encryptionsalt" not in found


def test_releases_are_put_aside_for_the_first_up(tmp_path: Path) -> None:
    """The commands do so in the file as it is committed, and as Pulumi has written it."""
    page = (CHECKOUT / "docs" / "releases.md").read_text(encoding="utf-8")
    aside, back = re.findall(r"^ *(sed -i 's/\^  dstack-images:releases.*)$", page, re.MULTILINE)
    pulumi = Pulumi(project_of(tmp_path, "prod"), tmp_path / "home", "prod")
    file = pulumi.project / "Pulumi.prod.yaml"
    committed = file.read_bytes()
    run(pulumi, aside)
    assert settings(written(file)).releases == []
    run(pulumi, back)
    assert file.read_bytes() == committed
    run(pulumi, "pulumi stack init prod", aside)
    assert settings(written(file)).releases == []
    run(pulumi, back)
    assert settings(written(file)).releases == ["0.15"]


@pytest.mark.parametrize("stack", [False, True], ids=["before-a-stack", "after"])
def test_checksum_that_prod_wants_is_written_down(tmp_path: Path, stack: bool) -> None:
    """The commands of docs/azure.md do so, as they stand there. Before, the stack is refused."""
    page = (CHECKOUT / "docs" / "azure.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(curl .*?)```", page, re.DOTALL)
    driver = tmp_path / "driver.run"
    driver.write_bytes(b"a driver")
    pulumi = Pulumi(project_of(tmp_path, "prod"), tmp_path / "home", "prod")
    file = pulumi.project / "Pulumi.prod.yaml"
    text = file.read_text(encoding="utf-8")
    (microsofts,) = re.findall(r"(?m)^ *url: (.*)", text)
    file.write_text(text.replace(microsofts, f"file://{driver}"), encoding="utf-8")
    if stack:
        run(pulumi, "pulumi stack init prod")
    run(pulumi, block.replace("/tmp/grid.run", str(tmp_path / "grid.run")))
    text = file.read_text(encoding="utf-8").replace(f"file://{driver}", microsofts)
    file.write_text(text, encoding="utf-8")
    grid = written(file)["config"]["dstack-images:nvidia"]["grid"]
    assert grid["sha256"] == hashlib.sha256(b"a driver").hexdigest()
    assert grid["kernel"] == "6.8"


def test_this_machine_runs_dockers_other_branch(tmp_path: Path) -> None:
    pulumi = Pulumi(project_of(tmp_path, "local"), tmp_path / "home", "local")
    file = pulumi.project / "Pulumi.local.yaml"
    docker = "dstack-images:docker"
    assert written(file)["config"][docker] == {"source": "distribution"}
    run(pulumi, "pulumi stack init local", *sorted(lines("pulumi config set -s local")))
    found = written(file)["config"]
    staging = yaml.safe_load((CHECKOUT / "Pulumi.staging.yaml").read_text(encoding="utf-8"))
    assert found[docker] == staging["config"][docker]
