"""What is sent to Oracle Cloud, in files that can be held against its API reference."""

import json
import re
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from bakery.adapter import RunFolders
from bakery.oci.adapter import Oci
from bakery.oci.listings import submit
from bakery.progress import Progress
from components.bake import BakeArgs
from components.oci import image as subject
from components.oci.image import OciImage, OciImageArgs
from images.job import Published
from tests.fakes.bake_jobs import BAKE, DIGEST, OLD_PACKER
from tests.fakes.oci_jobs import (
    COPY,
    EXPORT,
    MILAN,
    NAME,
    OURS,
    add_content,
    add_image,
    job,
    listing_job,
    target,
)
from tests.fakes.snapshots import compare, distinct
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME, Request
from tests.unit import oci_tenancy
from tests.unit.oci_tenancy import add_machine, run_tags
from tests.unit.registered import registered
from tests.unit.test_oci_exports import supply
from tests.unit.test_oci_prerequisites import group, network, of_oracle
from tests.unit.test_oci_publication_checks import confirm, preflight
from tests.unit.unit_samples import PROJECT as CHECKOUT
from tests.unit.unit_samples import bake_record, local_images, verification_record

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def test_prerequisites() -> None:
    compare("oci/network.json", of_oracle(network()))
    compare("oci/group.json", of_oracle(group()))


def test_published_name(monkeypatch: pytest.MonkeyPatch) -> None:
    record = bake_record(BAKE, DIGEST)

    class Baked(pulumi.ComponentResource):
        def __init__(self, name: str, *_: object) -> None:
            super().__init__("dstack-images:index:Bake", name)
            self.record = pulumi.Output.from_input(record)
            self.verification = pulumi.Output.from_input(verification_record(BAKE))

    export = {
        "bucket": "dstack-images",
        "namespace": "n",
        "object": EXPORT,
        "copy_object": COPY,
    }
    exported = subject.Exported.model_validate(export)
    found = pulumi.Output.from_input(Published(name=NAME, found={HOME: "1", MILAN: "2"}))
    monkeypatch.setattr(subject, "Bake", Baked)
    monkeypatch.setattr(subject, "check_published", lambda *_: found)
    monkeypatch.setattr(subject, "before_create", lambda *_: None)
    monkeypatch.setattr(OciImage, "_export", lambda _: pulumi.Output.from_input(exported))
    wanted = replace(local_images(CHECKOUT, immutable=True)[0], name=NAME)
    there = pulumi.Output.from_input(target())

    def image(opts: pulumi.ResourceOptions) -> Any:
        args = OciImageArgs(
            bake=BakeArgs(wanted, there),
            target=there,
            compartment=target().compartment,
            namespace="n",
            bucket="dstack-images",
            home_region=HOME,
            regions=[HOME, MILAN],
            providers=dict.fromkeys((HOME, MILAN), None),  # type: ignore[arg-type]
            listing=None,
        )
        return OciImage("cpu", args, opts).image

    compare("oci/image.json", of_oracle(registered(image)))


# What the bakery asks


def asked(tenancy: OciTenancy) -> list[dict[str, Any]]:
    """Each request once, in the order of the first time."""
    found = [_plain(request) for request in tenancy.api.sent]
    tenancy.api.sent.clear()
    return distinct(found)


def _plain(request: Request) -> dict[str, Any]:
    """Returns the request without what differs each time or nobody can read."""
    query = "&".join(f"{name}={value}" for name, value in sorted(request.query.items()))
    text = _same(f"{request.method} {request.host}{request.path}?{query}".removesuffix("?"))
    return {"request": text, **({"body": _body(request.body)} if request.body else {})}


def _body(body: bytes) -> Any:
    try:
        found = json.loads(_same(body.decode()))
    except ValueError:
        return "<text>"
    return "<record>" if "finished_at" in found else found


def _same(text: str) -> str:
    text = re.sub(r"aaaaaaaa\d{8}", "<number>", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<checksum>", text)
    text = re.sub(r"(?<=-)[0-9a-f]{12}(?=\.json)", "<checksum>", text)
    return re.sub(r"page=\d+", "page=<next>", text)


def test_requests_of_a_bake(
    tenancy: OciTenancy, place: RunFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "somebody")
    adapter, work = Oci(target(), "test"), job(target())
    add_machine(tenancy, "somebody", expires="1")
    add_image(tenancy, BAKE, **run_tags("somebody", expires="1"))
    adapter.preflight(work, OLD_PACKER)
    adapter.sweep(BAKE, Progress())
    compare("oci/requests-sweep.json", asked(tenancy))
    add_image(tenancy, BAKE, **run_tags("somebody", expires="1"))
    adapter.prepare(work, place, Progress())
    image = adapter.collect(work, place).image_id
    adapter.complete(work, place, bake_record(BAKE, DIGEST).model_copy(update={"image_id": image}))
    adapter.keep_verification(verification_record(BAKE))
    assert adapter.find(BAKE)
    compare("oci/requests-record.json", asked(tenancy))


def test_requests_of_a_publication(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    preflight(MILAN, public=True)
    supply(MILAN)
    found = add_image(tenancy, NAME, MILAN, **OURS)
    confirm({MILAN: found["id"]})
    submit(listing_job({MILAN: found["id"]}), Progress())
    compare("oci/requests-publication.json", asked(tenancy))
