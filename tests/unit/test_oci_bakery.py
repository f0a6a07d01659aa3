"""The bakery in a simulated tenancy of Oracle Cloud: sources, keys, refusals."""

import re

import pytest

from bakery.adapter import RunFolders
from bakery.oci import adapter, clients
from bakery.oci.adapter import Oci
from bakery.packer.program import Packer
from bakery.packer.transient import transient_sign
from bakery.progress import Progress
from images.errors import BakeryError
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import NEWEST, add_content, job, target, verify_job
from tests.simulators.oci.images import UBUNTU
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME, Refused
from tests.unit import oci_tenancy

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


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
    content = add_content(tenancy)
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


def test_rights_that_todays_packer_wants_at_the_end(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them a bake fails whose image is made (packer-plugin-oracle, issues 71, 86, 95)."""
    todays = Packer("packer", "1.16.0", {"oracle": "1.1.2"})
    monkeypatch.setattr(adapter, "find_packer", lambda *_: todays)
    Oci(target(), "test").preflight(job(target()))
    tenancy.api.faults.no_schema_policy = True
    with pytest.raises(BakeryError, match=r"may not see the capability schemas.*docs/oci\.md"):
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
