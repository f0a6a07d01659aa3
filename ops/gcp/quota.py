"""The limit of images in a project ("REST Resource: projects", `quotas`, metric IMAGES)."""

from collections.abc import Iterator

from bakery.gcp import clients
from bakery.gcp.images import Images
from config.gcp import Gcp
from images.gcp import GcpProject
from images.naming import BAKES
from ops.headroom import Headroom

_METRIC = "IMAGES"


def headroom(chosen: Gcp, names: list[str]) -> Iterator[Headroom]:
    """Return the limit of the project: images are global, and content is one each."""
    where = GcpProject(project=chosen.project, endpoint=chosen.endpoint)
    with clients.translate_errors(chosen.project):
        compute = clients.compute(where)
        there = {image.name for image in Images(where, compute).all()}
        project = clients.ask(compute.projects().get(project=chosen.project))
    quotas = {one["metric"]: one for one in project.get("quotas", [])}
    missing = sum(name not in there for name in names)
    bakes = max(0, len(names) - sum(name.startswith(BAKES) for name in there))
    found = quotas.get(_METRIC)
    used = int(found["usage"]) if found else len(there)
    yield Headroom(
        cloud="gcp",
        where=chosen.project,
        what="images",
        limit=int(found["limit"]) if found else None,
        used=used,
        needed=missing + bakes,
        request=(
            f"https://console.cloud.google.com/iam-admin/quotas?project={chosen.project}: ask for "
            f"{used + missing + bakes} of the metric compute.googleapis.com/images"
        ),
        unknown="" if found else f"Compute Engine tells no quota {_METRIC} of the project",
    )
