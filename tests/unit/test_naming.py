"""Names are the interface to dstack's server: they are compared letter by letter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.fields import Prefix, Release
from images.catalog import CATALOG, CLOUDS, PROTECTED_VERSIONS, Cloud, Entry, ImageKey, Variant
from images.errors import NameRefused
from images.naming import bake_name, image_name

pytestmark = pytest.mark.unit

_RELEASE: TypeAdapter[str] = TypeAdapter(Release)
_PREFIX: TypeAdapter[str] = TypeAdapter(Prefix)

# What each cloud takes, in the words of its own documentation, not of the code under test.
_TAKEN: dict[Cloud, re.Pattern[str]] = {
    "local": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"),
    "aws": re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}"),
    "azure": re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9])?"),
    "gcp": re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"),
    "oci": re.compile(r"[\x20-\x7e]{1,255}"),
}


@pytest.mark.parametrize(
    ("cloud", "variant", "plain", "prefixed"),
    [
        ("aws", "cpu", "dstack-0.14", "stgn-12-dstack-0.14"),
        ("aws", "cuda", "dstack-cuda-0.14", "stgn-12-dstack-cuda-0.14"),
        ("azure", "cpu", "dstack-0.14", "stgn-12-dstack-0.14"),
        ("azure", "cuda", "dstack-cuda-0.14", "stgn-12-dstack-cuda-0.14"),
        ("azure", "grid", "dstack-grid-0.14", "stgn-12-dstack-grid-0.14"),
        ("gcp", "cpu", "dstack-0-14", "stgn-12-dstack-0-14"),
        ("gcp", "cuda", "dstack-cuda-0-14", "stgn-12-dstack-cuda-0-14"),
        ("gcp", "a3mega", "dstack-a3mega-0-14", "stgn-12-dstack-a3mega-0-14"),
        ("oci", "cpu", "dstack-0.14", "stgn-12-dstack-0.14"),
        ("oci", "cuda", "dstack-cuda-0.14", "stgn-12-dstack-cuda-0.14"),
        ("local", "cpu", "dstack-0.14", "stgn-12-dstack-0.14"),
        ("local", "cuda", "dstack-cuda-0.14", "stgn-12-dstack-cuda-0.14"),
        ("local", "grid", "dstack-grid-0.14", "stgn-12-dstack-grid-0.14"),
    ],
)
def test_names_are_what_the_server_looks_up(
    cloud: Cloud, variant: Variant, plain: str, prefixed: str
) -> None:
    assert image_name(ImageKey(cloud, variant), "0.14") == plain
    assert image_name(ImageKey(cloud, variant), "0.14", "stgn-12-") == prefixed


def test_the_table_above_is_the_whole_catalog() -> None:
    assert len(CATALOG) == 13


@pytest.mark.parametrize(
    ("version", "name"),
    [("0.15rc1", "dstack-0-15rc1"), ("1.2.3", "dstack-1-2-3"), ("0.14", "dstack-0-14")],
)
def test_gcp_has_no_dots_at_all(version: str, name: str) -> None:
    assert image_name(ImageKey("gcp", "cpu"), version) == name


@pytest.mark.parametrize(
    ("cloud", "longest"), [("aws", 128), ("azure", 80), ("gcp", 63), ("oci", 255)]
)
def test_the_longest_name_is_taken_and_one_more_is_refused(cloud: Cloud, longest: int) -> None:
    tail = "-dstack-0.14"
    fits = "a" * (longest - len(tail)) + "-"
    assert len(image_name(ImageKey(cloud, "cpu"), "0.14", fits)) == longest
    with pytest.raises(NameRefused) as refused:
        image_name(ImageKey(cloud, "cpu"), "0.14", "a" + fits)
    message = str(refused.value)
    assert str(longest) in message, "the limit"
    assert str(longest + 1) in message, "the length"
    assert f"a{fits}dstack" in message, "the name"
    assert cloud in message


@pytest.mark.parametrize(
    ("cloud", "prefix"),
    [
        ("gcp", "1-"),
        ("gcp", "Stgn-"),
        ("gcp", "a_b-"),
        ("azure", "-"),
        ("azure", "a/b-"),
        ("aws", "a!-"),
        ("aws", "ä-"),
        ("oci", "a\n"),
        ("local", "../"),
        ("local", "."),
    ],
)
def test_characters_that_a_cloud_refuses(cloud: Cloud, prefix: str) -> None:
    with pytest.raises(NameRefused) as refused:
        image_name(ImageKey(cloud, "cpu"), "0.14", prefix)
    message = str(refused.value)
    assert cloud in message
    assert "allowed" in message


_VERSIONS = st.one_of(
    st.from_regex(r"\d{1,3}\.\d{1,3}(\.\d{1,3})?(rc\d{1,3})?", fullmatch=True), st.text(max_size=12)
)
_PREFIXES = st.one_of(
    st.from_regex(r"([a-z0-9]{1,40}-){0,4}", fullmatch=True), st.text(max_size=12)
)


@given(
    entry=st.sampled_from(CATALOG),
    version=_VERSIONS,
    prefix=_PREFIXES,
)
def test_what_configuration_accepts_the_cloud_takes_or_it_is_refused_by_name(
    entry: Entry, version: str, prefix: str
) -> None:
    try:
        _RELEASE.validate_python(version)
        _PREFIX.validate_python(prefix)
    except ValidationError:
        return
    try:
        name = image_name(entry.key, version, prefix)
    except NameRefused:
        return
    assert _TAKEN[entry.key.cloud].fullmatch(name)
    assert name.startswith(prefix), "the server puts the prefix before the name"


@given(version=st.from_regex(r"[0-9]{1,3}\.[0-9]{1,3}(rc[0-9]{1,2})?", fullmatch=True))
def test_every_plain_release_has_a_name_everywhere(version: str) -> None:
    if version in PROTECTED_VERSIONS:
        return
    _RELEASE.validate_python(version)
    for cloud in CLOUDS:
        assert image_name(ImageKey(cloud, "cpu"), version).startswith("dstack-")


def test_two_releases_never_share_a_name() -> None:
    versions = ("0.14", "0.1.4", "0.14rc1", "0.1.4rc1", "1.14", "0.141")
    for cloud in CLOUDS:
        assert len({image_name(ImageKey(cloud, "cpu"), version) for version in versions}) == len(
            versions
        )


@pytest.mark.parametrize(
    "version",
    [
        "",
        "14",
        "0.",
        ".14",
        "v0.14",
        "0.14-rc1",
        "0.14rc",
        "0.14 ",
        "0.14\n",
        "0.14.1.2",
        "\u0660.\u0661\u0664",
    ],
)
def test_malformed_versions(version: str) -> None:
    with pytest.raises(ValidationError):
        _RELEASE.validate_python(version)


@pytest.mark.parametrize("prefix", ["stgn", "-", "Stgn-", "a--", "a_b-", "a.b-", "a-\n", "ä-", " "])
def test_malformed_prefixes(prefix: str) -> None:
    with pytest.raises(ValidationError):
        _PREFIX.validate_python(prefix)


@pytest.mark.parametrize("prefix", ["", "stgn-1-", "a-", "2026-08-"])
def test_prefixes(prefix: str) -> None:
    assert _PREFIX.validate_python(prefix) == prefix


def test_a_bake_is_named_after_its_content_only() -> None:
    assert bake_name("cuda", "0123456789abcdef") == "dstack-bake-cuda-0123456789ab"
    for cloud in CLOUDS:
        assert _TAKEN[cloud].fullmatch(bake_name("a3mega", "f" * 64)), cloud
