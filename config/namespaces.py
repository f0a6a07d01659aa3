"""The reader of a configuration key: Pulumi takes keys of any namespace, read or not."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from images.catalog import CLOUDS, Cloud

#: This project's own.
NAMESPACE = "dstack-images"
#: Pulumi's own: tags, automatic names, default providers.
_PULUMI = "pulumi"
#: Providers go by their cloud's name, except these.
_NAMED_OTHERWISE: dict[Cloud, tuple[str, ...]] = {
    "local": (),
    "azure": ("azure-native", "azuread"),
}
#: Those of the providers that this program uses, which read their keys themselves.
_PROVIDERS = (
    *(name for cloud in CLOUDS for name in _NAMED_OTHERWISE.get(cloud, (cloud,))),
    "command",
)
_KNOWN = (NAMESPACE, *_PROVIDERS, _PULUMI)


def unread(keys: Iterable[str]) -> Iterator[str]:
    """One line for each key that nobody would read, most often a typing mistake."""
    for key in sorted(keys):
        namespace, _, name = key.partition(":")
        if namespace not in _KNOWN:
            near = get_close_matches(namespace.lower(), _KNOWN, n=1)
            meant = f"; did you mean {near[0]}:{name}?" if near else ""
            yield (
                f"{key}: nobody reads keys of the namespace {namespace}{meant} "
                f"(allowed: {', '.join(_KNOWN)})"
            )
