"""A name in a folder: only its owner replaces it or takes it away, and only that."""

import hashlib
import resource
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from bakery.local import publish as subject
from bakery.progress import Progress
from images.errors import BakeryError
from images.job import PublishJob
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

NAME = "dstack-0.14"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `dist` of a checkout, with the bakes `one` and `two` in the store."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(subject, "PROJECT", tmp_path)
    for bake in ("one", "two"):
        store = tmp_path / "home" / "store" / bake
        store.mkdir(parents=True)
        disk = f"disk {bake}".encode()
        (store / "image.qcow2").write_bytes(disk)
        changed = {"size_bytes": len(disk), "sha256": hashlib.sha256(disk).hexdigest()}
        record = bake_record(bake).model_copy(update=changed)
        (store / "record.json").write_text(record.model_dump_json(), encoding="utf-8")
    return tmp_path / "dist"


def job(bake: str = "one", stack: str = "mine", name: str = NAME) -> PublishJob:
    return PublishJob(stack=stack, bake=bake, name=name, place="dist")


#: What the last publication of a job has answered; Pulumi has it in its state.
ANSWERS: dict[tuple[str, str, str], str] = {}


def publish(what: PublishJob) -> str:
    answer = subject.publish(what, Progress()).model_dump_json()
    ANSWERS[what.stack, what.bake, what.name] = answer
    return answer


def unpublish(what: PublishJob, answer: str | None = None) -> None:
    last = ANSWERS.get((what.stack, what.bake, what.name), "")
    subject.unpublish(what, answer or last, Progress())


def visible(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("[!.]*"))


def test_published_file_is_the_content(folder: Path) -> None:
    place = subject.publish(job(), Progress()).place
    assert Path(place.path) == folder / f"{NAME}.qcow2"
    assert Path(place.path).read_bytes() == b"disk one"
    assert (place.size_bytes, place.sha256) == (8, hashlib.sha256(b"disk one").hexdigest())
    assert visible(folder) == [f"{NAME}.qcow2"]


def test_own_name_is_replaced_and_the_old_removal_leaves_the_new(folder: Path) -> None:
    """The order in which Pulumi replaces: the new one is made, then the old one is deleted."""
    publish(job("one"))
    publish(job("two"))
    unpublish(job("one"))
    assert (folder / f"{NAME}.qcow2").read_bytes() == b"disk two"
    unpublish(job("two"))
    assert not folder.exists()


def test_same_content_published_anew_outlives_the_removal_of_the_old(folder: Path) -> None:
    """`pulumi up --target-replace` makes the same once more and then removes the one before."""
    before = publish(job())
    after = publish(job())
    unpublish(job(), before)
    assert visible(folder) == [f"{NAME}.qcow2"]
    unpublish(job(), after)
    assert not folder.exists()


def test_again_is_no_mistake(folder: Path) -> None:
    publish(job())
    publish(job())
    unpublish(job())
    unpublish(job())
    assert not folder.exists()


def test_file_of_somebody_else_is_refused_and_stays(folder: Path) -> None:
    folder.mkdir()
    (folder / f"{NAME}.qcow2").write_bytes(b"precious")
    with pytest.raises(BakeryError, match=r"dstack-0\.14\.qcow2 exists and no stack") as refused:
        publish(job())
    assert "dstack-images:clouds.local.place" in str(refused.value), "what to do"
    unpublish(job())
    assert (folder / f"{NAME}.qcow2").read_bytes() == b"precious"


def test_name_of_another_stack_is_refused_and_stays(folder: Path) -> None:
    publish(job("one", "theirs"))
    with pytest.raises(BakeryError, match="belongs to the stack theirs; choose another prefix"):
        publish(job("two", "mine"))
    unpublish(job("one", "mine"))
    assert (folder / f"{NAME}.qcow2").read_bytes() == b"disk one"


def test_removal_takes_nothing_else(folder: Path) -> None:
    publish(job())
    publish(job("two", name="dstack-0.15"))
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    unpublish(job())
    assert visible(folder) == ["dstack-0.15.qcow2", "notes.txt"]
    unpublish(job("two", name="dstack-0.15"))
    assert visible(folder) == ["notes.txt"]
    assert (folder.parent / "home/store/one/image.qcow2").exists(), "content outlives its names"


def test_content_that_is_not_what_was_verified_is_not_published(folder: Path) -> None:
    (folder.parent / "home/store/one/image.qcow2").write_bytes(b"disk 0ne")
    with pytest.raises(BakeryError, match="not what its record says") as refused:
        publish(job())
    assert "python -m ops discard one" in str(refused.value)
    assert not folder.exists() or not list(folder.iterdir())


def test_content_that_is_gone(folder: Path) -> None:
    with pytest.raises(BakeryError, match=r"three is gone from the store.*pulumi up --replace"):
        publish(job("three"))
    assert not folder.exists()


@contextmanager
def room_for(size: int) -> Generator[None]:
    """Files get no larger than that, as on a disk that becomes full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("before", [False, True], ids=["first time", "published anew"])
def test_label_that_came_to_half_is_no_obstacle(folder: Path, before: bool) -> None:
    """On a full disk, or killed there: whose the name is must not become unknown."""
    if before:
        publish(job())
    with room_for(40), pytest.raises(OSError, match="too large"):
        publish(job())
    publish(job())
    assert visible(folder) == [f"{NAME}.qcow2"]
    unpublish(job())
    assert not folder.exists()


def test_label_that_cannot_be_read(folder: Path) -> None:
    publish(job())
    label = next(folder.glob(".*"))
    label.write_text("{", encoding="utf-8")
    for work in (publish, unpublish):
        with pytest.raises(BakeryError, match=r"\.dstack-0\.14\.json is corrupt; remove it"):
            work(job())


def test_what_a_killed_copy_left_goes_with_the_name(folder: Path) -> None:
    publish(job())
    (folder / f"{NAME}.draft").write_bytes(b"half")
    unpublish(job())
    assert not folder.exists()


def test_draft_of_a_killed_copy_is_in_nobodys_way(folder: Path) -> None:
    folder.mkdir()
    (folder / f"{NAME}.draft").write_bytes(b"half, and longer than the whole")
    publish(job())
    assert (folder / f"{NAME}.qcow2").read_bytes() == b"disk one"


def at_once(*works: Callable[[], object]) -> list[BaseException | None]:
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.exception() for future in [pool.submit(run, work) for work in works]]


def test_destroy_removes_many_at_once(folder: Path) -> None:
    jobs = [job(name=f"dstack-0.{number}") for number in range(20, 26)]
    for _ in range(15):
        for each in jobs:
            publish(each)
        assert at_once(*(lambda each=each: unpublish(each) for each in jobs)) == [None] * len(jobs)
        assert not folder.exists()


def test_removal_and_publication_at_once(folder: Path) -> None:
    """The folder that one takes away as its last is the folder that the other writes to."""
    other = job("two", name="dstack-0.15")
    for _ in range(30):
        publish(job())
        assert at_once(lambda: unpublish(job()), lambda: publish(other)) == [None, None]
        assert visible(folder) == ["dstack-0.15.qcow2"]
        unpublish(other)


def test_of_two_stacks_at_once_one_gets_the_name(folder: Path) -> None:
    one, two = job("one", "mine"), job("two", "theirs")
    for _ in range(15):
        failed = at_once(lambda: publish(one), lambda: publish(two))
        assert [type(error) for error in failed].count(BakeryError) == 1, failed
        winner = one if failed[0] is None else two
        image = folder / f"{NAME}.qcow2"
        assert image.read_bytes() == f"disk {winner.bake}".encode()
        unpublish(winner)
        assert not image.exists()
