"""Reads a stack's configuration: every mistake is told, all at once, before anything is made."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import product
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.namespaces import NAMESPACE, unread
from config.settings import Settings
from images.catalog import CLOUDS, ImageKey, variants
from images.errors import ConfigurationError, NameRefused
from images.naming import PREFIX, image_name


def load(config: Mapping[str, str]) -> Settings:
    """The settings from Pulumi's flat configuration (full keys, JSON for structures).

    Raises ConfigurationError with one line for each mistake: key, value, what is allowed.
    """
    values = {
        key.removeprefix(f"{NAMESPACE}:"): _decode(value)
        for key, value in config.items()
        if key.startswith(f"{NAMESPACE}:")
    }
    mistakes: list[str] = []
    settings = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        mistakes += (_line(detail) for detail in error.errors())
    mistakes += _refused_names(values)
    mistakes += _no_cloud(values.get("clouds"))
    mistakes += unread(config)
    if settings is None or mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        lines = "".join(f"\n  - {mistake}" for mistake in mistakes)
        raise ConfigurationError(f"the stack's configuration has {count}:{lines}")
    return settings


def _decode(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _refused_names(values: Mapping[str, Any]) -> Iterator[str]:
    """Names are judged even where other keys are wrong: nobody likes to be told in rounds."""
    prefix = values.get("prefix", "")
    if not isinstance(prefix, str):
        return
    for cloud in CLOUDS:
        for variant, release in product(
            _texts(values, "clouds", cloud, "variants"), _texts(values, "releases")
        ):
            if variant in variants(cloud) and PREFIX.fullmatch(prefix):
                try:
                    image_name(ImageKey(cloud, variant), release, prefix)
                except NameRefused as error:
                    yield f"{NAMESPACE}:prefix and {NAMESPACE}:releases: {error}"


def _texts(found: Any, *keys: str) -> list[str]:
    """The texts in a list, or keys of a mapping, somewhere below; nothing where it is neither."""
    for key in keys:
        found = cast(dict[str, Any], found).get(key) if isinstance(found, dict) else None
    items = list(cast(list[Any], found)) if isinstance(found, list | dict) else []
    return [item for item in items if isinstance(item, str)]


def _no_cloud(clouds: Any) -> Iterator[str]:
    """A stack of nothing, which would be a request to delete all that it has published."""
    if isinstance(clouds, dict) and not any(
        section is not None for section in cast(dict[str, Any], clouds).values()
    ):
        yield (
            f"{NAMESPACE}:clouds names no cloud; allowed: at least one of {', '.join(CLOUDS)}. "
            "To remove everything that the stack has made, run `pulumi destroy` instead"
        )


def _line(detail: ErrorDetails) -> str:
    location = detail["loc"]
    if detail["type"] == "missing":
        return f"{_key(location)} is missing"
    if detail["type"] == "extra_forbidden":
        return f"{_key(location)}: there is no such key{_instead(location)}"
    if not location:
        return f"{NAMESPACE}: {_reason(detail)}"
    value = json.dumps(detail["input"], ensure_ascii=False, default=str)
    match location:
        case ("clouds", cloud, "variants", _, "[key]") if cloud in CLOUDS:
            return (
                f"{_key(location)}: {cloud} has no {value}; allowed: {', '.join(variants(cloud))}"
            )
        case _:
            return f"{_key(location)} is {value}: {_reason(detail)}"


def _instead(location: tuple[int | str, ...]) -> str:
    """What somebody may have meant by a key that is none."""
    known, name = _known_keys(location[:-1]), str(location[-1])
    if "." in name and name.partition(".")[0] in known:
        return (
            f" of this name, but one inside of {name.partition('.')[0]}. Remove this one (`pulumi "
            f"config rm {NAMESPACE}:{name}`) and set that one (`pulumi config set --path "
            f"{NAMESPACE}:{name} <value>`)"
        )
    near = get_close_matches(name, known, n=1)
    meant = f"; did you mean {_key((*location[:-1], near[0]))}?" if near else ""
    return f"{meant}; allowed: {', '.join(known)}"


def _reason(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error":
            return f"allowed: {context['expected']}"
        case "string_pattern_mismatch":
            return f"it must match {context['pattern']}"
        case "dict_type":
            return "it must be a mapping, such as {cpu: {}, cuda: {}}"
        case "string_type":
            return "it must be text; put it in quotes"
        case "value_error":
            return str(context["error"])
        case _:
            return detail["msg"][0].lower() + detail["msg"][1:]


def _key(location: tuple[int | str, ...]) -> str:
    text = ""
    for step in location:
        # pydantic's word for a mapping's key, which is the step before.
        if step != "[key]":
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return f"{NAMESPACE}:{text.removeprefix('.')}"


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for step in location:
        field = next((f for n, f in model.model_fields.items() if step in (n, f.alias)), None)
        if field is None:
            # A mapping's own key: the model is already that of what the mapping holds.
            continue
        candidates = getattr(field.annotation, "__args__", (field.annotation,))
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return sorted(field.alias or name for name, field in model.model_fields.items())
