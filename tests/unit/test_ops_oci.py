"""Day-2 commands on Oracle Cloud: what is kept there, limits, newer sources, what servers find."""

from pathlib import Path
from typing import Any

import pytest

from bakery.adapter import RunFolders
from bakery.oci.adapter import Oci
from bakery.progress import Progress
from images.contract import Image, Missing
from images.oci import OciListing, OciPlace, OciRegion
from ops.__main__ import main
from ops.look_up import look_up
from ops.oci.inventory import OciInventory
from ops.oci.quota import headroom
from ops.oci.source import newest
from tests.fakes.bake_jobs import BAKE, DIGEST
from tests.fakes.contracts import contract_json
from tests.fakes.oci_jobs import BUCKET, NEWEST, add_image, job, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.unit import oci_tenancy
from tests.unit.oci_tenancy import add_machine, machines, names, run_tags
from tests.unit.test_oci_prerequisites import oci
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy
MILAN, NAME = "eu-milan-1", "dstack-0.15"


def chosen() -> Any:
    return oci(compartment=COMPARTMENT, regions=[HOME, MILAN])


def test_content_and_who_uses_it(tenancy: OciTenancy, place: RunFolders) -> None:
    image = add_image(tenancy, BAKE, **run_tags("somebody"))
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": image["id"]})
    Oci(target(), "test").complete(job(target()), place, record)
    add_image(tenancy, NAME, MILAN, dstack_bake=BAKE, dstack_stack="prod", dstack_release="0.15")
    half_made = "dstack-bake-cuda-0123456789ab"
    add_image(tenancy, half_made, dstack_stack="test")
    store = tenancy.api.region(HOME).store.bucket(BUCKET)
    for number in range(3):
        store.put(f"exports/{BAKE}-{number}.oci", {})
    store.put(f"exports/{half_made}-0.oci", {})
    inventory = OciInventory(chosen())
    whole, half = inventory.bakes()
    assert (whole.name, whole.kernel, whole.problem) == (BAKE, "6.1.0", None)
    assert [str(use) for use in whole.uses] == ["prod 0.15"]
    assert (half.uses, half.problem) == ([], "never completed")
    inventory.remove(whole, Progress())
    assert names(tenancy) == [half.name]
    left = [name for name in store.objects if name.startswith("exports/")]
    assert left == [f"exports/{half_made}-0.oci"], "what was exported goes as well"


def test_what_a_runner_that_is_gone_has_left(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "github-7")
    add_machine(tenancy, "github-7")
    inventory = OciInventory(chosen())
    assert inventory.runs_of("github-7") == {BAKE}
    found = inventory.left(BAKE, "test")
    assert found.told() == [f"machine {BAKE}"]
    inventory.clear(found, Progress())
    assert machines(tenancy) == []


def test_room_in_each_region(tenancy: OciTenancy) -> None:
    tenancy.api.faults.room = {HOME: 0, MILAN: 5}
    add_image(tenancy, NAME, MILAN)
    rows = list(headroom(chosen(), [NAME, "dstack-0.14"]))
    assert [(row.where, row.used, row.needed, row.limit) for row in rows] == [
        (HOME, 0, 4, 0),
        (MILAN, 1, 1, 6),
    ]


def test_newest_of_a_system_and_of_an_image_of_it(tenancy: OciTenancy) -> None:
    images = tenancy.api.region(HOME).images
    older = next(iter(images.all))
    for source in (NEWEST, older):
        assert newest(chosen(), source) == images.platform()["id"]
    ours = add_image(tenancy, "ours")["id"]
    assert newest(chosen(), ours) is None


def image(id: str, *, listed: bool) -> Image:
    listing = OciListing(publication_id="p", listing_id="l", review_state="published")
    region = OciRegion(image_id=id, listing=listing if listed else None)
    return Image(
        name=NAME,
        cloud="oci",
        variant="cpu",
        version="0.15",
        prefix="",
        content=None,
        verification=None,
        place=OciPlace(compartment_id=COMPARTMENT, regions={MILAN: region}),
        found={MILAN: id},
    )


def test_servers_demand_one_listing_of_the_very_image(tenancy: OciTenancy) -> None:
    market = tenancy.api.region(MILAN).market
    found = add_image(tenancy, NAME, MILAN)["id"]

    def problem(*, listed: bool = True) -> str | None:
        (look,) = look_up(image(found, listed=listed), None)
        return look.problem

    assert problem(listed=False) is None
    assert problem() == "servers find nothing of that name"
    market.add_listing(f"{NAME}rc1", "another", "1")
    market.add_listing(NAME, found, "1")
    assert problem() is None
    market.add_listing(NAME, "another", "1")
    assert "find 2" in str(problem())


def test_what_oracle_reviews_is_told_by_region_and_not_asked_for(
    tenancy: OciTenancy,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    listed = image(add_image(tenancy, NAME, MILAN)["id"], listed=True)
    tenancy.api.region(MILAN).market.add_listing(NAME, listed.found[MILAN], "1")
    assert isinstance(listed.place, OciPlace)
    pending = OciListing(publication_id="p", listing_id=None, review_state="in review")
    home = OciRegion(image_id="i", listing=pending)
    place = listed.place.model_copy(update={"regions": {**listed.place.regions, HOME: home}})
    lacking = [Missing(place=HOME, reason=place.waiting()[HOME])]
    document = tmp_path / "contract.json"
    document.write_text(
        contract_json(listed.model_copy(update={"place": place, "missing": lacking}))
    )
    asked = ["check", str(document), "--release", "0.15"]
    assert main(asked) == 3
    assert main([*asked, "--allow-review"]) == 0
    said = capsys.readouterr().out
    assert "its listing is in review" in said
    assert "1 wait for Oracle's review" in said
    assert "servers find all of it" not in said
    assert "servers find nothing" not in said
