"""The demonstration image: announced, the same everywhere, and really served."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from images.host import Demo
from tools import demo_registry, downloads
from tools.layout import Layout
from tools.progress import Progress

pytestmark = pytest.mark.unit


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(url: str) -> bool:
        return False

    monkeypatch.setattr(downloads, "answers", silent)


def with_busybox(home: Path) -> Layout:
    layout = Layout(home)
    busybox = layout.tools / "busybox-static" / "bin" / "busybox"
    busybox.parent.mkdir(parents=True)
    busybox.write_bytes(b"not really busybox")
    return layout


def test_it_is_said_and_is_the_same_on_every_machine(offline: None, tmp_path: Path) -> None:
    output = io.StringIO()
    progress = Progress(Console(file=output, width=1000))
    first = demo_registry.ensure(None, False, with_busybox(tmp_path / "first"), progress)
    second = demo_registry.ensure(None, False, with_busybox(tmp_path / "second"), progress)
    assert first is not None
    assert second is not None
    assert first.images == second.images
    assert first.images[0].startswith("factory-demo/hello:1@sha256:")
    assert "no public Docker registry answers" in output.getvalue()


def test_the_storage_serves_the_digest(offline: None, tmp_path: Path) -> None:
    demo = demo_registry.ensure(None, False, with_busybox(tmp_path), Progress())
    assert demo is not None
    digest = demo.images[0].partition("@sha256:")[2]
    assert list(demo.registry.glob(f"**/blobs/sha256/{digest[:2]}/{digest}/data"))


def test_a_public_registry_is_used_where_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answers(url: str) -> bool:
        asked.append(url)
        return True

    monkeypatch.setattr(downloads, "answers", answers)
    assert demo_registry.ensure(None, False, Layout(tmp_path), Progress()) is None
    assert len(asked) == 1


def test_a_settled_answer_is_kept_without_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(url: str) -> bool:
        raise AssertionError

    monkeypatch.setattr(downloads, "answers", answers)
    demo = Demo(images=["factory-demo/hello:1@sha256:0"], registry=tmp_path)
    assert demo_registry.ensure(None, True, Layout(tmp_path), Progress()) is None
    assert demo_registry.ensure(demo, True, Layout(tmp_path), Progress()) == demo
