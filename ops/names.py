"""Names that a stack publishes, without its content."""

from config.settings import Settings
from images.catalog import Cloud


def names_of(settings: Settings, cloud: Cloud) -> list[str]:
    """Return the name of every release and variant of a cloud that the stack has."""
    chosen = settings.clouds.selected()[cloud]
    return [
        chosen.name_of(variant, release, settings.prefix)
        for release in settings.releases
        for variant in chosen.variants
    ]
