"""`python -m ops pin`: what floats becomes a diff of the stack's file."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ops import registry as registries
from ops.__main__ import main
from ops.stack_edits import StackText
from tests.fakes.docker_registry import DockerRegistry
from tests.fakes.stack_files import use_folder, write_stack
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.api import FAMILY, SOURCE, UBUNTU
from tests.simulators.gcp.project import PROJECT, GcpProject

pytestmark = pytest.mark.unit

ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")
UBUNTU_AMIS = "099720109477:ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_folder(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def registry() -> Iterator[DockerRegistry]:
    with DockerRegistry() as found:
        found.digests = {"dstackai/base:0.15-base-ubuntu24.04": ONE}
        found.digests["dstackai/base:0.16-base-ubuntu24.04"] = TWO
        yield found


def pinned(capsys: pytest.CaptureFixture[str], *more: str, status: int = 0) -> dict[str, str]:
    """Key -> what it is to say."""
    assert main(["pin", "-s", "test", "--json", *more]) == status
    return {pin["key"]: pin["after"] for pin in json.loads(capsys.readouterr().out)["pins"]}


def dstack(folder: Path, version: str, *, name: str = "dstackai/base") -> Path:
    """A checkout, as far as its image is concerned."""
    package = folder / f"dstack-{version}" / "src" / "dstack"
    (package / "_internal").mkdir(parents=True)
    (package / "version.py").write_text(
        f'__version__ = "0.0.0"\ndocker_base_image = "{version}"\n'
        'docker_base_image_ubuntu_version = "24.04"\nvm_base_image = "0.14"\n'
    )
    (package / "_internal" / "settings.py").write_text(
        "import os\n"
        "from dstack import version\n"
        f'DSTACK_DOCKER_BASE_IMAGE = os.getenv("DSTACK_DOCKER_BASE_IMAGE", "{name}")\n'
        "DSTACK_DOCKER_BASE_IMAGE_VERSION = os.getenv(\n"
        '    "DSTACK_DOCKER_BASE_IMAGE_VERSION", version.docker_base_image\n'
        ")\n"
        "DSTACK_DOCKER_BASE_IMAGE_UBUNTU_VERSION = os.getenv(\n"
        '    "DSTACK_DOCKER_BASE_IMAGE_UBUNTU_VERSION", version.docker_base_image_ubuntu_version\n'
        ")\n"
    )
    return folder / f"dstack-{version}"


# Sources


@pytest.mark.parametrize("source", ["ami-0240400000000001a", UBUNTU_AMIS])
def test_aws_source_is_the_newest_of_its_kind(
    ec2: Any, folder: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    file = write_stack(folder, "test", {"aws": {"source": source}})
    assert pinned(capsys) == {"dstack-images:clouds.aws.source": "ami-0240400000000002b"}
    assert main(["pin", "-s", "test", "--exit-code"]) == 3
    assert main(["pin", "-s", "test", "--write"]) == 0
    assert "source: ami-0240400000000002b" in file.read_text()
    assert main(["pin", "-s", "test", "--exit-code"]) == 0


def test_aws_source_that_is_gone_is_told(
    ec2: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "test", {"aws": {}})
    assert main(["pin", "-s", "test"]) == 1
    assert "eu-west-1 has no ami-0123456789abcdef0 any more" in capsys.readouterr().err


@pytest.mark.parametrize("source", [SOURCE, f"family:{UBUNTU}/{FAMILY}"])
def test_gcp_source_is_the_newest_of_its_family(
    folder: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    with GcpProject() as project:
        newer = project.api.add_ubuntu("ubuntu-2404-noble-amd64-v20261101")
        write_stack(folder, "test", {"gcp": {"endpoint": project.address, "source": source}})
        assert pinned(capsys) == {"dstack-images:clouds.gcp.source": newer}
        project.add_image("by-hand")
        chosen = {"endpoint": project.address, "source": "by-hand", "project": PROJECT}
        write_stack(folder, "test", {"gcp": chosen})
        assert main(["pin", "-s", "test"]) == 0
        assert "nothing says what is newer" in capsys.readouterr().err


@pytest.mark.parametrize("version", ["", ":24.04.202508210"])
def test_azure_source_gets_the_newest_version(
    subscription: AzureSubscription,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    version: str,
) -> None:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    kind = "canonical:ubuntu-24_04-lts:server"
    chosen = {"endpoint": subscription.address, "source": f"{kind}{version}"}
    write_stack(folder, "test", {"azure": chosen})
    assert pinned(capsys) == {"dstack-images:clouds.azure.source": f"{kind}:24.04.202508280"}


# Docker images


def test_tags_get_the_digests_that_they_have_now(
    registry: DockerRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = f"{registry.host}/dstackai/base:0.15-base-ubuntu24.04"
    write_stack(folder, "test", {"local": {}}, prepull=[image])
    assert pinned(capsys) == {"dstack-images:prepull": f"{image}@{ONE}"}
    write_stack(folder, "test", {"local": {}}, prepull=[f"{image}@{TWO}"])
    assert pinned(capsys) == {"dstack-images:prepull": f"{image}@{ONE}"}, "the tag has moved"
    write_stack(folder, "test", {"local": {}}, prepull=[f"{image}@{ONE}"])
    assert pinned(capsys) == {}


def test_tag_that_is_not_there_is_told_beside_what_is(
    registry: DockerRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = [f"{registry.host}/dstackai/base:{tag}" for tag in ("0.15-base-ubuntu24.04", "none")]
    write_stack(folder, "test", {"local": {}}, prepull=images)
    after = pinned(capsys, status=1)["dstack-images:prepull"]
    assert after == f"{images[0]}@{ONE}, {images[1]}"
    assert main(["pin", "-s", "test"]) == 1
    assert f"{registry.host} has no such image for everyone" in capsys.readouterr().err


def test_prepull_follows_the_servers_of_given_dstacks(
    registry: DockerRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{registry.host}/dstackai/base"
    old = f"{name}:0.15-base-ubuntu24.04"
    new = f"{name}:0.16-base-ubuntu24.04"
    write_stack(folder, "test", {"local": {}}, prepull=[old])
    checkouts = [dstack(folder, version, name=name) for version in ("0.15", "0.16")]
    after = pinned(capsys, "--dstack", str(checkouts[1]))
    assert after == {"dstack-images:prepull": f"{new}@{TWO}"}
    after = pinned(capsys, *(word for each in checkouts for word in ("--dstack", str(each))))
    assert after == {"dstack-images:prepull": f"{old}@{ONE}, {new}@{TWO}"}


def test_what_is_no_dstack_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(folder, "test", {"local": {}})
    assert main(["pin", "-s", "test", "--dstack", str(folder)]) == 1
    assert "is no checkout of dstack" in capsys.readouterr().err
    checkout = dstack(folder, "0.17")
    (checkout / "src/dstack/_internal/settings.py").write_text("IMAGE = 1\n")
    assert main(["pin", "-s", "test", "--dstack", str(checkout)]) == 1
    assert "names its image in another way" in capsys.readouterr().err


def test_names_without_a_host_are_docker_hubs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def head(url: str, **_: Any) -> requests.Response:
        asked.append(url)
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["Docker-Content-Digest"] = ONE
        return answer

    monkeypatch.setattr(requests, "head", head)
    for image in ("dstackai/base:1", "docker.io/dstackai/base:1", "debian:12", "ghcr.io/a/b:1"):
        assert registries.digest_of(image) == ONE
    hub = "https://registry-1.docker.io/v2"
    assert asked == [
        f"{hub}/dstackai/base/manifests/1",
        f"{hub}/dstackai/base/manifests/1",
        f"{hub}/library/debian/manifests/12",
        "https://ghcr.io/v2/a/b/manifests/1",
    ]


# The file


def test_diff_is_one_that_git_applies_and_leaves_comments(folder: Path) -> None:
    text = (
        "# A stack.\n"
        "config:\n"
        "  a:\n"
        "    # Why.\n"
        "    - one:1 # the first\n"
        "    - two:2\n"
        "  b: {source: x, list: [p:1, q:2]}\n"
    )
    file = folder / "Pulumi.x.yaml"
    file.write_text(text)
    edited = StackText(text)
    edited.put_list(["one:3", "two:2", "three:3"], "config", "a")
    edited.put("0.14", "config", "b", "source")
    edited.put_list(["q:2"], "config", "b", "list")
    diff = edited.diff(file.name)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=diff, text=True, check=True)
    assert file.read_text() == (
        "# A stack.\n"
        "config:\n"
        "  a:\n"
        "    # Why.\n"
        "    - one:3 # the first\n"
        "    - two:2\n"
        "    - three:3\n"
        '  b: {source: "0.14", list: [q:2]}\n'
    )


def test_items_too_many_take_their_lines_along() -> None:
    edited = StackText("a:\n  - one:1\n  - two:2 # gone\n  - three:3\nb: 1\n")
    edited.put_list(["one:1"], "a")
    assert edited.changed() == "a:\n  - one:1\nb: 1\n"


def test_stack_without_a_file_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(folder, "other", {"local": {}})
    assert main(["pin", "-s", "test"]) == 1
    assert "there is no Pulumi.test.yaml; the stacks of this checkout are other" in (
        capsys.readouterr().err
    )
