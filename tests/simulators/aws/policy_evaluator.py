"""Judges a request by IAM's documents, as far as this project's documents go.

After "Policy evaluation logic" and "IAM JSON policy elements: Condition operators" (AWS IAM User
Guide). moto judges no conditions, and no library for Python that is kept up judges documents
without an account. What is not known here raises, so that no document passes unjudged. One
difference is on the safe side: a wildcard in an ARN matches across its colons too.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Context = Mapping[str, str | list[str]]

_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


class Unknown(Exception):
    """A document has something that is not judged here."""


def allowed(document: Any, action: str, resource: str, context: Context) -> bool:
    """Whether a request about one resource passes: something allows it and nothing denies it."""
    effects = [
        statement["Effect"]
        for statement in document["Statement"]
        if _applies(statement, action, resource, context)
    ]
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Any, action: str, resource: str, context: Context) -> bool:
    if unknown := set(statement) - _ELEMENTS:
        raise Unknown(", ".join(sorted(unknown)))
    known = {key.lower(): value for key, value in context.items()}
    # All of them, so that an unknown operator is found whatever the others say.
    conditions = [
        _holds(operator, known.get(key.lower()), _many(wanted))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    ]
    return (
        _any_like(action.lower(), (each.lower() for each in statement["Action"]))
        and _any_like(resource, statement.get("Resource", [resource]))
        and all(conditions)
    )


def _holds(operator: str, found: str | list[str] | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return [str(found is None).lower()] == wanted
    for_all, _, rest = operator.rpartition(":")
    if for_all not in ("", "ForAllValues"):
        raise Unknown(operator)
    base = rest.removesuffix("IfExists")
    if base not in _OPERATORS:
        raise Unknown(operator)
    judge, negated = _OPERATORS[base]
    if found is None:
        return negated or bool(for_all) or base != rest
    if not for_all and isinstance(found, list):
        raise Unknown(f"{operator} of several values")
    return all(judge(value, wanted) is not negated for value in _many(found))


def _any_equal(value: str, wanted: Iterable[str]) -> bool:
    return value in wanted


def _any_like(value: str, wanted: Iterable[str]) -> bool:
    return any(_pattern(each).fullmatch(value) for each in wanted)


def _same_truth(value: str, wanted: Iterable[str]) -> bool:
    return value.lower() in (each.lower() for each in wanted)


#: How one value is judged, and whether the operator wants the opposite.
_OPERATORS: dict[str, tuple[Callable[[str, Iterable[str]], bool], bool]] = {
    "StringEquals": (_any_equal, False),
    "StringNotEquals": (_any_equal, True),
    "StringLike": (_any_like, False),
    "ArnLike": (_any_like, False),
    "Bool": (_same_truth, False),
}


def _pattern(text: str) -> re.Pattern[str]:
    if "${" in text:
        raise Unknown(text)
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."))


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
