"""The catalog page's markup: valid, for everybody, and unable to load or run anything else."""

import base64
import hashlib
import json
import re
from pathlib import Path

import html5lib
import pytest

from images.contract import Contract
from ops.page.render import embedded, render
from ops.page.servers import REGIONS, RULES
from tests.fakes.page_contract import records

pytestmark = pytest.mark.unit


def test_policy_lets_only_the_pages_own_script_and_style_in(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    told = policy[1].replace("&#39;", "'")
    assert told.startswith("default-src 'none'; ")
    assert "unsafe" not in told
    for tag, body in re.findall(r"<(style|script)>(.*?)</\1>", page, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in told
    assert not re.findall(r"""\s(?:src|style|on[a-z]+)=""", page.partition("<script")[0])
    assert "http://" not in page
    assert not re.findall(r'href="(?!#)', page)


def test_nothing_in_the_data_ends_the_script_or_the_markup(contract: Contract) -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028"
    assert json.loads(embedded({"a": evil})) == {"a": evil}
    assert not set("<>&\u2028") & set(embedded({"a": evil}))
    spoilt = contract.model_copy(update={"stack": evil})
    assert "<script>alert" not in render(spoilt, {})


def test_page_has_names_for_people_who_do_not_see_it(page: str) -> None:
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    for section in re.findall(r'<section[^>]*aria-labelledby="([^"]+)"', page):
        assert f'id="{section}"' in page
    assert len(re.findall(r'role="status" aria-live="polite"', page)) == 2
    identifiers = re.findall(r'\sid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


def test_markup_is_without_a_mistake(contract: Contract, tmp_path: Path) -> None:
    """html5lib knows the errors of the HTML standard's parser, and this page has none of them."""
    empty = contract.model_copy(update={"current": None, "releases": []})
    for one in (contract, empty):
        html5lib.HTMLParser(strict=True).parse(render(one, records(one), tmp_path))


def test_without_script_everything_is_there_and_nothing_that_needs_it(page: str) -> None:
    document = html5lib.parse(page, namespaceHTMLElements=False)
    body = document.find("body")
    assert body is not None
    hidden = [each for each in body.iter() if "hidden" in each.attrib]
    assert {each.get("id") for each in hidden} == {"finder", "search", "theme"}
    inside = {id(below) for each in hidden for below in each.iter()}
    controls = [
        each.tag
        for each in body.iter()
        if each.tag in ("button", "input", "select", "form") and id(each) not in inside
    ]
    assert controls == [], "what only a script would answer is not shown without it"
    rules = next(each for each in body.iter("details") if each.get("id") == "rules")
    assert "Deep Learning Base OSS" in "".join(rules.itertext())
    assert len(list(rules.iter("tr"))) > len(RULES)
    ids = [code.text for code in body.iter("code") if (code.text or "").startswith("ami-")]
    assert len(ids) > len(REGIONS["aws"])


def test_verification_says_both_ways(page: str) -> None:
    lines = re.findall(r"<code data-copy>(python -m ops verify [^<]*)</code>", page)
    assert len(lines) == 2
    assert "--bundle" not in lines[0]
    assert {"--bundle", "--repo", "--trusted-root"} <= set(lines[1].split())
