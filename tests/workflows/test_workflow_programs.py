"""The programs of `tools/workflow`, where a job's run does not show what they do."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.errors import SetupError
from tools.workflow import environment, expire, report, run_stack

pytestmark = pytest.mark.unit

COMMITTED = {
    "config": {
        "dstack-images:releases": ["0.14"],
        "dstack-images:retiring": {"0.14": "2027-03-31"},
        "dstack-images:prefix": "stgn-1-",
        "dstack-images:clouds": {
            "aws": {"variants": ["cpu"], "github": {"repository": "a/b"}},
            "oci": {"variants": ["cpu"], "access": {"group": "dstack-images"}},
            "azure": {
                "variants": ["cpu"],
                "github": {"repository": "a/b"},
                "clientSecret": {"rotateAfterDays": 30},
                "operators": ["00000000-0000-0000-0000-000000000000"],
            },
        },
    }
}


def test_a_stack_of_a_run_is_staging_under_its_own_prefix() -> None:
    found = run_stack.of_run(COMMITTED, "stgn-7", "0.15", {"aws": True, "oci": False}, "awskms://a")
    assert found["secretsprovider"] == "awskms://a"
    assert found["config"] == {
        "dstack-images:releases": ["0.15"],
        "dstack-images:prefix": "stgn-7-",
        "dstack-images:clouds": {"aws": {"variants": ["cpu"]}},
    }


def test_a_stack_of_a_run_gives_no_rights() -> None:
    """Azure's Contributor, which the run is, cannot assign roles ("Azure built-in roles")."""
    chosen = {"azure": True, "oci": True}
    found = run_stack.of_run(COMMITTED, "stgn-7", "0.15", chosen, "awskms://a")
    assert found["config"]["dstack-images:clouds"] == {
        "azure": {"variants": ["cpu"]},
        "oci": {"variants": ["cpu"]},
    }


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"aws": False, "oci": False}, "no cloud is chosen"),
        ({"aws": True, "gcp": True}, "has no gcp among its clouds; it has aws, oci, azure"),
    ],
)
def test_a_choice_that_makes_no_stack_is_told(wanted: dict[str, bool], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        run_stack.of_run(COMMITTED, "stgn-7", "0.15", wanted, "awskms://a")


def test_only_stacks_of_runs_expire() -> None:
    names = ("prod", "staging", "stgn-1", "acme/dstack-images/stgn-2", "stgn-3-mine", "my-stgn-4")
    listed = [
        {"name": name, "lastUpdate": "2026-07-01T12:00:00.000Z", "resourceCount": 3}
        for name in names
    ]
    found = expire.stacks(json.dumps(listed))
    assert [stack.name for stack in found] == ["stgn-1", "stgn-2"]
    assert found[0].changed == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_section_is_cut_and_cannot_be_left() -> None:
    said = "".join(f"line {n}\n" for n in range(20_000)) + "```\n# a heading\n"
    page = report.section("Preview", said, 0)
    assert len(page) < 65_536, "what GitHub takes in a comment"
    assert "The beginning is left out" in page
    assert page.rstrip().endswith("\n````"), "a fence that the output has not got"


def test_a_report_has_the_commands_status_and_words(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert report.main(["Title", "--to", str(page), "--", sys.executable, "-c", code]) == 3
    text = page.read_text(encoding="utf-8")
    assert "## Title" in text
    assert {"out", "err"} <= set(text.splitlines())
    assert "with status 3" in text


def test_a_variable_of_two_lines_is_not_taken_for_two() -> None:
    variables = {"PULUMI_BACKEND_URL": "s3://a\nPATH=/tmp", "PULUMI_SECRETS_PROVIDER": "awskms://a"}
    with pytest.raises(SetupError, match="not one line of text: PULUMI_BACKEND_URL"):
        environment.chosen(variables)
