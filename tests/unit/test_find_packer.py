"""Which Packer is used, and with which plugins."""

import subprocess
from pathlib import Path

import pytest

from bakery.packer.pins import pins
from bakery.packer.program import arguments, environment, find_packer
from bakery.packer.template import template
from bakery.progress import Progress
from bakery.project import PROJECT
from images.errors import BakeryError

pytestmark = pytest.mark.unit

# Like the real one, it runs the newest version that is installed unless the template says which.
TODAYS = """#!/bin/sh
echo "$@" "$PACKER_PLUGIN_PATH" >>"$(dirname "$0")/calls"
case $1 in
  version) echo "Packer v1.16.0" ;;
  init) {init} ;;
  plugins)
    for plugin in amazon_v1.8.2 amazon_v99.0.0 qemu_v1.1.3; do
      echo "$PACKER_PLUGIN_PATH/packer-plugin-${plugin}_x5.0_linux_amd64"
    done ;;
  build)
    shift $(($# - 1))
    required=$(sed -n 's/^ *version = "= \\(.*\\)"$/\\1/p' "$1"/*.pkr.hcl)
    echo "${required:-99.0.0}" ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PACKER_PLUGIN_PATH", raising=False)
    return tmp_path


def install(folder: Path, script: str) -> None:
    (folder / "packer").write_text(script)
    (folder / "packer").chmod(0o755)


def test_todays_packer_gets_the_pinned_plugin_of_this_cloud(folder: Path) -> None:
    install(folder, TODAYS.replace("{init}", "true"))
    found = find_packer("aws", Progress())
    assert (found.version, found.plugins) == ("1.16.0", pins("aws"))
    assert list(found.plugins) == ["amazon"]
    assert found.has_plugins
    calls = (folder / "calls").read_text().splitlines()
    assert f"init packer/plugins/aws.pkr.hcl {folder}/home/packer-plugins" in calls
    assert environment(None, folder)["PACKER_PLUGIN_PATH"] == f"{folder}/home/packer-plugins"


def test_of_two_installed_versions_the_pinned_one_runs_and_is_told(folder: Path) -> None:
    install(folder, TODAYS.replace("{init}", "true"))
    found = find_packer("aws", Progress())
    used = template(found, "aws", folder)
    command = arguments(found, used.folder, "bake", folder / "variables")
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert found.plugins == {"amazon": ran.stdout.strip()}


@pytest.mark.parametrize(
    "block", ['version = ">= 1.8.2"', 'version = "~> 1.8"', 'version = "1.8.2"', ""]
)
def test_pin_that_is_none_is_a_mistake(
    folder: Path, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    monkeypatch.setattr("bakery.packer.pins.PROJECT", folder)
    file = folder / "packer" / "plugins" / "aws.pkr.hcl"
    file.parent.mkdir(parents=True)
    file.write_text(f"""packer {{
  required_plugins {{
    amazon = {{
      {block}
      source  = "github.com/hashicorp/amazon"
    }}
  }}
}}
""")
    with pytest.raises(BakeryError, match=r'plugins/aws.pkr.hcl has to pin .* "= 1.2.3"'):
        pins("aws")


def test_plugin_that_cannot_be_installed(folder: Path) -> None:
    install(folder, TODAYS.replace("{init}", "echo no network; exit 1"))
    with pytest.raises(BakeryError, match="plugin cannot be installed:\nno network"):
        find_packer("aws", Progress())


def test_old_packer_has_its_builders_inside(folder: Path) -> None:
    install(folder, "#!/bin/sh\n[ $1 = version ] && echo 'Packer v1.6.6' && exit\nexit 1\n")
    found = find_packer("aws", Progress())
    assert (found.version, found.plugins, found.has_plugins) == ("1.6.6", {}, False)


def test_something_else_called_packer(folder: Path) -> None:
    """cracklib has a program of this name."""
    install(folder, "#!/bin/sh\necho 0 0\n")
    with pytest.raises(BakeryError, match="does not tell its version; it said: 0 0"):
        find_packer("aws", Progress())
