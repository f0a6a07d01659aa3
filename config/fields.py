"""Kinds of values that a stack's configuration has."""

import re
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from images.catalog import PROTECTED_VERSIONS
from images.naming import PREFIX, PREFIX_RULE, VERSION, VERSION_RULE

Item = TypeVar("Item", bound=str)

_WORD = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOCKER_REF = re.compile(
    rf"(?:[A-Za-z0-9.-]+:[0-9]+/)?{_WORD}(?:/{_WORD})*"
    r":(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@sha256:[0-9a-f]{64})?"
)
_DOCKER_REF_RULE = (
    "name:tag or name:tag@sha256:<64 digits>, and the tag is not latest, which means another "
    "image every week"
)


def matching(pattern: re.Pattern[str], rule: str) -> AfterValidator:
    """Return a validator of text that has to match as a whole; `rule` says so in words."""

    def judged(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(rule)
        return value

    return AfterValidator(judged)


def _not_protected(value: str) -> str:
    if value in PROTECTED_VERSIONS:
        raise ValueError("this release is kept for ever as it is; it is never built again")
    return value


def _docker_ref(value: str) -> str:
    tag = _DOCKER_REF.fullmatch(value)
    if tag is None or tag["tag"] == "latest":
        raise ValueError(f"an image is {_DOCKER_REF_RULE}")
    return value


def _network(value: str) -> str:
    try:
        IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"a network is written like 203.0.113.0/24 ({error})") from None
    return value


def _day(value: object) -> object:
    """Text as it comes from JSON."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a day is written like 2027-03-31") from None


def once(value: list[Item]) -> list[Item]:
    """The list. Raises ValueError where it names something twice."""
    if twice := sorted({str(item) for item in value if value.count(item) > 1}):
        raise ValueError(f"listed twice: {', '.join(twice)}")
    return value


Release = Annotated[
    str, matching(VERSION, f"a version is {VERSION_RULE}"), AfterValidator(_not_protected)
]
Prefix = Annotated[str, matching(PREFIX, f"a prefix is {PREFIX_RULE}")]
DockerRef = Annotated[str, AfterValidator(_docker_ref)]
Network = Annotated[str, AfterValidator(_network)]
Day = Annotated[date, BeforeValidator(_day)]

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{40}$")]


@dataclass(frozen=True)
class Key:
    """What the type of a key cannot say: what is `allowed`, and which variants it `bakes` anew."""

    allowed: str = ""
    bakes: str = "no"


class Strict(BaseModel):
    """Keys are camelCase as everywhere in Pulumi; unknown ones are mistakes."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        validate_by_name=False,
    )


class Github(Strict):
    """The environment of a GitHub repository whose workflows may bake and publish.

    GitHub's tokens of repositories made, renamed or transferred since July 2026 say
    owner@id/name@id in their subject, older ones owner/name ("OpenID Connect reference", GitHub
    Docs). With the identifiers configured both are trusted, so that nothing ends on the day of a
    transfer. A token with the plain name is of an old repository: no new one gets such tokens.

    Both keys go into conditions as text, so they are limited to words.
    """

    repository: Annotated[
        str,
        StringConstraints(pattern=r"^([\w.-]+/[\w.-]+|[\w.-]+@\d+/[\w.-]+@\d+)$"),
        Key(allowed="`owner/name`, or with GitHub's identifiers `owner@1/name@2`"),
    ]
    """The repository. With identifiers, tokens with them and tokens without are trusted."""
    environment: Annotated[str, StringConstraints(pattern=r"^[\w .-]+$")]
    """The repository's environment."""

    @property
    def name(self) -> str:
        """The repository as `owner/name`, which is what the claim `repository` says."""
        return re.sub(r"@\d+", "", self.repository)

    @property
    def ids(self) -> tuple[str, str] | None:
        """The identifiers of owner and repository, as claims have them, where configured."""
        found = re.findall(r"@(\d+)", self.repository)
        return (found[0], found[1]) if found else None

    @property
    def subjects(self) -> list[str]:
        """The subjects of tokens to trust, each to be compared as a whole."""
        repositories = dict.fromkeys([self.name, self.repository])
        return [f"repo:{found}:environment:{self.environment}" for found in repositories]
