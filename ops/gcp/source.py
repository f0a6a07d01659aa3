"""The newest image of a family."""

from bakery.gcp import clients
from bakery.gcp.images import UBUNTU, Images
from config.gcp import Gcp
from images.errors import UserError
from images.gcp import GcpProject

_FAMILY = "family:"


def newest(chosen: Gcp, source: str) -> str | None:
    """The image. None for one of no family, or of a project whose images have no name here."""
    where = GcpProject(project=chosen.project, endpoint=chosen.endpoint)
    with clients.translate_errors(source):
        images = Images(where, clients.compute(where))
        if source.startswith(_FAMILY):
            project, _, family = source.removeprefix(_FAMILY).partition("/")
        else:
            present = images.named(source) or images.named(source, UBUNTU)
            if present is None:
                raise UserError(f"there is no image {source} in {chosen.project} or {UBUNTU}")
            project, family = present.project, present.family
        if not family or project not in (chosen.project, UBUNTU):
            return None
        found = images.newest(family, project)
    if found is None:
        raise UserError(f"the family {family} of {project} has no image that is not deprecated")
    return found.name
