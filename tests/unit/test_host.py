"""machine.json: a clear word where there is none, or a bad one."""

from pathlib import Path

import pytest

from images.errors import HostError
from images.host import FILE, Firmware, Host, Source, home, read

pytestmark = pytest.mark.unit


@pytest.fixture
def machine(tmp_path: Path) -> Host:
    disk = tmp_path / "base.qcow2"
    firmware = Firmware(code=tmp_path / "CODE.fd", variables=tmp_path / "VARS.fd")
    for file in (disk, firmware.code, firmware.variables):
        file.touch()
    source = Source(name="debian-12-abc", file=disk, sha256="0" * 64)
    return Host(source=source, accelerator="tcg", firmware=firmware, prepull=None)


def test_what_set_up_wrote_is_read(tmp_path: Path, machine: Host) -> None:
    (tmp_path / FILE).write_text(machine.model_dump_json(), encoding="utf-8")
    assert read(tmp_path) == machine


def test_a_machine_that_is_not_set_up(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"is not set up.*run `make setup`"):
        read(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"accelerator": "fast"}', "\xff"])
def test_a_damaged_file(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="latin-1")
    with pytest.raises(HostError, match=r"is damaged.*run `make setup`"):
        read(tmp_path)


def test_a_base_image_that_is_gone(tmp_path: Path, machine: Host) -> None:
    (tmp_path / FILE).write_text(machine.model_dump_json(), encoding="utf-8")
    machine.source.file.unlink()
    with pytest.raises(HostError, match=r"base\.qcow2.*run `make setup`"):
        read(tmp_path)


def test_the_home_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DSTACK_IMAGES_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert home() == tmp_path / "dstack-images"
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "other"))
    assert home() == tmp_path / "other"
