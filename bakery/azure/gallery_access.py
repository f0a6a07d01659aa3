"""Opens a gallery to everyone, for which Azure's Pulumi provider has no resource.

Source: Azure Compute Gallery, "Share images using a community gallery".
"""

from bakery.azure import clients
from bakery.azure.galleries import Gallery
from bakery.progress import Progress
from images.azure import AzureTarget
from images.clouds import Target
from images.errors import BakeryError
from images.job import GalleryJob, OpenGallery


def open_gallery(job: GalleryJob, progress: Progress) -> OpenGallery:
    """Opens the gallery, unless it is open. Raises BakeryError."""
    target = _azure(job.target)
    with clients.translate_errors(f"sharing {target.gallery}"):
        gallery = Gallery(target)
        name = gallery.public_name()
        if name is None and job.adopted:
            raise BakeryError(
                f"{target.gallery} is not shared with everyone, and the stack only adopts it; make "
                "it a community gallery yourself (in the portal: Sharing), and run again"
            )
        if name is None:
            progress.say(f"opening {target.gallery} to everyone")
            gallery.share("EnableCommunity")
            name = gallery.public_name()
    if name is None:
        raise BakeryError(
            f"{target.gallery} is not a community gallery after it was made one; docs/azure.md "
            "says what Azure wants of it"
        )
    return OpenGallery(public_name=name)


def close_gallery(job: GalleryJob, progress: Progress) -> None:
    """Closes the gallery, so that it can be deleted."""
    target = _azure(job.target)
    with clients.translate_errors(f"closing {target.gallery}"):
        gallery = Gallery(target)
        if gallery.public_name() is not None:
            progress.say(f"closing {target.gallery}")
            gallery.share("Reset")


def _azure(target: Target) -> AzureTarget:
    if not isinstance(target, AzureTarget):
        raise BakeryError(f"{target.cloud} has no galleries")
    return target
