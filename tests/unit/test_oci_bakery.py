"""The bakery in a simulated tenancy of Oracle Cloud: sources, leftovers, records, refusals."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakery.adapter import RunFolders
from bakery.oci import clients, images
from bakery.oci.adapter import Oci
from bakery.packer.transient import transient_sign
from bakery.progress import Progress
from bakery.run_owner import run_owner
from images.errors import BakeryError
from images.naming import bake_name
from tests.fakes.bake_jobs import BAKE, DIGEST
from tests.fakes.oci_jobs import BUCKET, NEWEST, add_image, job, target, verify_job
from tests.simulators.oci.images import UBUNTU
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME, Refused
from tests.unit.unit_samples import bake_record, verification_record

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def server() -> Iterator[OciTenancy]:
    with OciTenancy() as found:
        yield found


@pytest.fixture
def tenancy(server: OciTenancy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OciTenancy:
    """Empty, as seen from a machine of its own."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    for name, value in server.env().items():
        monkeypatch.setenv(name, value)
    server.reset()
    return server


@pytest.fixture
def place(tmp_path: Path) -> RunFolders:
    (tmp_path / "packages.txt").write_text("bash 5 amd64\n")
    (tmp_path / "sbom.spdx.json.gz").write_bytes(b"compressed")
    return RunFolders(work=tmp_path, temporary=tmp_path, results=tmp_path)


def soon() -> str:
    return str(int(time.time() + 600))


def ago() -> str:
    return str(int(time.time() - 1))


def run_tags(of: str, bake: str = BAKE, expires: str = "") -> dict[str, str]:
    tags = {"dstack_bake": bake, "dstack_stack": "test", "dstack_run_owner": of}
    return {**tags, "dstack_expires": expires or soon()}


def add_machine(tenancy: OciTenancy, of: str, bake: str = BAKE, expires: str = "") -> None:
    tags = {k.replace("_", "-"): v for k, v in run_tags(of, bake, expires).items()}
    tenancy.api.region(HOME).machines.add(bake, COMPARTMENT, freeformTags=tags)


def machines(tenancy: OciTenancy) -> list[str]:
    return [one["displayName"] for one in tenancy.api.region(HOME).machines.alive()]


def names(tenancy: OciTenancy, region: str = HOME) -> list[str]:
    return [one["displayName"] for one in tenancy.api.images(region)]


# Sources and places


def test_source_is_resolved_and_recorded(tenancy: OciTenancy, place: RunFolders) -> None:
    newest = tenancy.api.region(HOME).images.platform()
    for source in (NEWEST, newest["id"]):
        found = Oci(target(source=source), "test").prepare(job(target()), place, Progress())
        assert found.source == f"{UBUNTU} ({newest['id']})"
        assert found.variables["source"] == newest["id"]
        assert found.variables["availability_domain"] == "kZql:EU-FRANKFURT-1-AD-3"
        assert found.variables["shape"] == "VM.Standard2.1"


def test_verification_has_its_own_shape_and_no_mark_of_content(
    tenancy: OciTenancy, place: RunFolders
) -> None:
    content = add_image(tenancy, BAKE)
    found = Oci(target(), "test").prepare(verify_job(target()), place, Progress()).variables
    assert (found["source"], found["shape"]) == (content["id"], "VM.GPU.A10.1")
    assert found["throw_away"] is True
    tags = found["image_tags"]
    assert isinstance(tags, dict)
    assert "dstack-digest" not in tags
    assert len(tags) <= 10


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "newest:Canonical Ubuntu/26.04"}, "there is no image newest:Canonical Ubuntu"),
        ({"source": "ocid1.image.oc1..none"}, "there is no image ocid1.image.oc1..none"),
        ({"availability_domain": 4}, "has no domain 4; it has kZql:EU-FRANKFURT-1-AD-1, kZql"),
    ],
)
def test_what_is_not_there(tenancy: OciTenancy, changes: dict[str, object], words: str) -> None:
    with pytest.raises(BakeryError, match=words):
        Oci(target(**changes), "test").preflight(job(target()))


def test_image_that_does_not_boot_on_the_shape(tenancy: OciTenancy) -> None:
    source = tenancy.api.region(HOME).images.platform()["id"]
    found = target(source=source, shape="VM.Standard.A1.Flex")
    with pytest.raises(BakeryError, match=r"does not boot on VM.Standard.A1.Flex; allowed: BM"):
        Oci(found, "test").preflight(job(found))


def test_no_room_for_another_image(tenancy: OciTenancy) -> None:
    tenancy.api.faults.room[HOME] = 0
    with pytest.raises(BakeryError, match="leaves room for 0 more images, and 1 are to be made"):
        Oci(target(), "test").preflight(job(target()))


# The key


def test_key_that_the_old_packer_cannot_read(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tenancy.config_file(key_file=tenancy.new_key_file))
    monkeypatch.setenv("OCI_CONFIG_FILE", file)
    with pytest.raises(BakeryError, match=r"openssl rsa -traditional -in .*new.pem"):
        Oci(target(), "test").preflight(job(target()))


def test_token_of_a_session_is_refused(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tenancy.config_file(security_token_file="/nowhere/token"))
    monkeypatch.setenv("OCI_CONFIG_FILE", file)
    with pytest.raises(BakeryError, match=r"the token of a session.*use an API key"):
        Oci(target(), "test")


def test_no_key(tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCI_CONFIG_FILE", "/nowhere/config")
    with pytest.raises(BakeryError, match="no usable key for Oracle Cloud in /nowhere/config"):
        Oci(target(), "test")


def test_key_that_nobody_has(tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = str(tenancy.config_file(fingerprint=":".join(["0c"] * 16)))
    monkeypatch.setenv("OCI_CONFIG_FILE", unknown)
    with pytest.raises(BakeryError, match=r"does not know this key \(401 NotAuthenticated"):
        Oci(target(), "test").find(BAKE)


# Leftovers


def test_what_a_dead_run_of_this_machine_left_goes(tenancy: OciTenancy) -> None:
    """The image of a capture that was cancelled, which is still being made, too."""
    add_machine(tenancy, run_owner())
    add_image(tenancy, BAKE, **run_tags(run_owner()))["lifecycleState"] = "PROVISIONING"
    Oci(target(), "test").sweep(BAKE, Progress())
    assert (machines(tenancy), names(tenancy)) == ([], [])


def test_capture_that_never_ends_is_not_waited_for_for_ever(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_PATIENCE", 0.3)
    stuck = add_image(tenancy, BAKE, **run_tags(run_owner()))
    stuck |= {"lifecycleState": "PROVISIONING", "_stuck": True}
    with pytest.raises(BakeryError, match="is not done after 0 s"):
        Oci(target(), "test").sweep(BAKE, Progress())


def test_machines_that_have_ended_are_nobodys_work(tenancy: OciTenancy) -> None:
    """They stay listed for half a day, tags and all."""
    add_machine(tenancy, "another")
    tenancy.api.region(HOME).machines.alive()[0]["lifecycleState"] = "TERMINATED"
    Oci(target(), "test").sweep(BAKE, Progress())


@pytest.mark.parametrize("what", ["machine", "image"])
def test_run_that_is_alive_elsewhere_is_left_alone(tenancy: OciTenancy, what: str) -> None:
    if what == "machine":
        add_machine(tenancy, "another")
    else:
        add_image(tenancy, BAKE, **run_tags("another"))
    with pytest.raises(BakeryError, match=r"another machine \(another\) is at work"):
        Oci(target(), "test").sweep(BAKE, Progress())
    assert machines(tenancy) + names(tenancy) == [BAKE]


def test_what_expired_goes_if_it_is_the_stacks(tenancy: OciTenancy) -> None:
    other = bake_name("cuda", DIGEST)
    add_machine(tenancy, "another", other, ago())
    Oci(target(), "somebody").sweep(BAKE, Progress())
    assert machines(tenancy) == [other]
    Oci(target(), "test").sweep(BAKE, Progress())
    assert machines(tenancy) == []


def test_more_than_a_page_is_looked_at(tenancy: OciTenancy) -> None:
    for number in range(5):
        add_image(tenancy, f"somebody-elses-{number}")
    add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_expires=ago())
    Oci(target(), "test").sweep(BAKE, Progress())
    assert len(names(tenancy)) == 5


# Records


def test_content_is_found_by_its_record(tenancy: OciTenancy, place: RunFolders) -> None:
    adapter, work = Oci(target(), "test"), job(target())
    image = add_image(tenancy, BAKE, **run_tags(run_owner()))
    assert adapter.find(BAKE) is None
    made = adapter.collect(work, place)
    assert "firmware=UEFI_64" in made.features
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": made.image_id})
    adapter.complete(work, place, record)
    assert Oci(target(), "another").find(BAKE) == record
    assert set(image["freeformTags"]) == {"dstack-bake", "dstack-stack", "dstack-record"}

    verified = verification_record(BAKE)
    adapter.keep_verification(verified)
    assert adapter.find_verification(BAKE, verified.digest) == verified
    assert adapter.find_verification(BAKE, "f" * 64) is None
    adapter.sweep(BAKE, Progress())
    assert adapter.find(BAKE) == record, "what is complete is never swept"
    kept = tenancy.api.region(HOME).store.bucket(BUCKET)
    folders = [key.partition("/")[0] for key in sorted(kept.objects)]
    assert folders == ["packages", "records", "records", "sboms"]
    assert kept.rules[0]["objectNameFilter"]["inclusionPrefixes"] == ["copies/"]


def test_of_two_complete_ones_the_oldest_counts(tenancy: OciTenancy, place: RunFolders) -> None:
    """Names are not unique: a third that is not complete does not count either."""
    add_image(tenancy, BAKE, dstack_expires=soon())
    add_image(tenancy, BAKE, **run_tags(run_owner()))
    with pytest.raises(BakeryError, match="at work on"):
        Oci(target(), "test").collect(job(target()), place)
    tenancy.reset()
    first = add_image(tenancy, BAKE, **run_tags(run_owner()))
    adapter = Oci(target(), "test")
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": first["id"]})
    adapter.complete(job(target()), place, record)
    add_image(tenancy, BAKE, dstack_record="f" * 64)
    assert adapter.find(BAKE) == record


def test_somebody_tags_it_meanwhile(tenancy: OciTenancy) -> None:
    """An update replaces all tags, so that the one that came between would be lost."""
    image = add_image(tenancy, BAKE)
    refusal = Refused(412, "NoEtagMatch", "changed")
    tenancy.api.refusals.append(("PUT", image["id"], refusal))
    adapter = Oci(target(), "test")
    adapter._images.retag(image["id"], {"a": "b"})
    assert image["freeformTags"] == {"a": "b"}


def test_damaged_record_is_told_and_not_swept(tenancy: OciTenancy) -> None:
    add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_expires=ago(), dstack_record="0" * 64)
    adapter = Oci(target(), "test")
    adapter.sweep(BAKE, Progress())
    with pytest.raises(BakeryError, match="is damaged or gone: the bucket dstack-images"):
        adapter.find(BAKE)


def test_log_that_cannot_be_kept_fails_nothing(tenancy: OciTenancy, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("said")
    Oci(target(), "test").keep_log(BAKE, log)
    assert tenancy.api.region(HOME).store.bucket(BUCKET).objects == {f"logs/{BAKE}/x.log": "said"}
    tenancy.api.refusals.append(("PUT", "x.log", Refused(404, "NotAuthorizedOrNotFound", "no")))
    Oci(target(), "test").keep_log(BAKE, log)


# What Oracle refuses


@pytest.mark.parametrize(("status", "code"), [(429, "TooManyRequests"), (503, "Unavailable")])
def test_what_passes_is_asked_again(tenancy: OciTenancy, status: int, code: str) -> None:
    tenancy.api.refusals.append(("GET", "/images", Refused(status, code, "slow down")))
    assert Oci(target(), "test").find(BAKE) is None


def test_refusals_in_words(tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PATIENCE", 0)
    refusal = Refused(404, "NotAuthorizedOrNotFound", "no")
    tenancy.api.refusals.append(("GET", "/images", refusal))
    with pytest.raises(BakeryError, match=r"may not see it.*docs/oci.md"):
        Oci(target(), "test").find(BAKE)


@pytest.mark.parametrize(
    "told",
    [
        "Error: Out of host capacity.",
        "Conflict with another image operation, try again later",
        "Error terminating instance. Please terminate manually: x",
    ],
)
def test_what_packer_tells_and_passes(told: str) -> None:
    sign = transient_sign(told)
    assert sign
    assert re.search(re.escape(sign), told)
