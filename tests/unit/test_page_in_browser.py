"""The catalog page's script, in a real browser where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from images.contract import Contract
from ops.page.render import render

pytestmark = pytest.mark.unit

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
DOM_SECONDS = 60
#: 64 MB, which set-up does not ask of everybody: what needs no script is tested without it.
IN_BROWSER = pytest.mark.skipif(
    BROWSER is None,
    reason="there is no Chromium on this machine; Debian has it: "
    "apt-get install chromium-headless-shell",
)


def dom(page: str, folder: Path, view: str = "", *options: str) -> str:
    """What a browser has made of the page."""
    assert BROWSER
    (folder / "page.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            *(BROWSER, "--no-sandbox", f"--user-data-dir={folder / 'profile'}", "--dump-dom"),
            *(*options, f"file://{folder}/page.html#{view}"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=DOM_SECONDS,
    )
    return done.stdout


@IN_BROWSER
def test_browser_answers_and_searches(page: str, tmp_path: Path) -> None:
    view = "cloud=azure&region=uksouth&machine=Standard_NV36ads_A10_v5&q=grid+0.15"
    seen = dom(page, tmp_path, view)
    box = seen.partition('id="answer"')[2].partition("</form>")[0]
    assert "Machines with an A10 in uksouth boot this image" in box
    assert "az vm create --resource-group GROUP --name try --location uksouth" in box
    assert 'aria-label="Copy ' in box
    assert "1 of 27 images" in seen
    assert 'id="finder" class="panel" hidden' not in seen


@IN_BROWSER
def test_browser_shows_what_is_missing(contract: Contract, tmp_path: Path) -> None:
    alone = contract.model_copy(update={"current": None, "releases": contract.releases[2:]})
    seen = dom(render(alone, {}), tmp_path, "cloud=oci&region=us-ashburn-1&machine=nothing")
    assert 'data-kind="ours"' in seen
    seen = dom(render(alone, {}), tmp_path, "cloud=gcp&region=global&machine=a3-megagpu-8g")
    assert 'data-kind="external"' in seen
    none = contract.model_copy(update={"current": None, "releases": []})
    assert 'data-kind="absent"' in dom(render(none, {}), tmp_path)
