"""Content of Oracle Cloud is what has a record; records, package lists and logs are objects."""

from pathlib import Path

import pytest

from bakery.adapter import RunFolders
from bakery.oci.adapter import Oci
from bakery.progress import Progress
from bakery.run_owner import run_owner
from images.errors import BakeryError
from tests.fakes.bake_jobs import BAKE, DIGEST
from tests.fakes.oci_jobs import BUCKET, add_image, job, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME, Refused
from tests.unit import oci_tenancy
from tests.unit.oci_tenancy import run_tags
from tests.unit.unit_samples import ago, bake_record, soon, verification_record

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


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
