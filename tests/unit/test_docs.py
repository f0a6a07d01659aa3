"""The pages say what is: commands that are run by something; keys, steps, links that exist."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.content import wanted_images
from config.keys import every
from config.settings import Settings
from config.stack import Stack
from images.catalog import CATALOG, CLOUDS, REBOOT, Entry, variants
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

README = PROJECT / "README.md"
PAGES = [
    README,
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "CHANGELOG.md",
    *sorted((PROJECT / "docs").rglob("*.md")),
]
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
CONFIGURATION = PROJECT / "docs" / "configuration.md"
IMAGE = PROJECT / "docs" / "image.md"

#: Command of a page -> the file that runs it (a test, or what a make target runs), and the words
#: there that do. A new command on a page wants a line here, and so something that runs it.
FAULTS, PROMISES = "tests/engine/test_local_faults.py", "tests/engine/test_local_promises.py"
IN_CLOUDS = "tests/engine/test_cloud_promises.py"
ENGINE, SELF = "tests/engine/literal_pulumi.py", "tests/unit/test_docs.py"
REMOVED = "tests/engine/test_region_removed.py"
LOST_STATE = "tests/engine/test_aws_lost_state.py"
LOST = "tests/engine/test_azure_lost_state.py"
FIRST = "tests/engine/test_first_use.py"
PAGE_OF_RELEASES = ("tests/workflows/test_workflow_pages.py", "def test_commands_start_workflows")
TODAYS = ("tests/packer/conftest.py", 'section.partition("```sh')
BOOT = "tests/image/test_local_image.py"
#: How commands of docs/identities.md begin.
IDENTITY = (
    *("export ENVIRONMENT=", "export SUBJECT=", "fill()", "export ACCOUNT=", "aws iam "),
    *("export SUBSCRIPTION=", "app=$(az ad ", "principal=$(az ad ", "az ad ", "az role "),
    *("export PROJECT=", "gcloud iam ", "gcloud projects ", "for group in ", "for role in "),
    *("export TENANCY=", "group=$(oci iam ", "user=$(oci iam ", "oci iam "),
    *("(umask 077 && openssl ", "openssl "),
)
RUN_BY: dict[str, tuple[str, str]] = {
    "make local": ("Makefile", "exec tools/up-local"),
    "make test": (".ci/run", "make test"),
    "make check": ("Makefile", "exec tools/check"),
    "make preview": ("tests/engine/test_preview_staging.py", '"preview-simulated"'),
    "pulumi stack select local --create": ("tools/up-local", "stack select local --create"),
    "make packer": ("Makefile", "tools/setup --only todays-packer"),
    'export PATH="$DSTACK_IMAGES_HOME/tools/todays-packer:$PATH"': TODAYS,
    'export PACKER_PLUGIN_PATH="$DSTACK_IMAGES_HOME/tools/todays-packer/plugins"': TODAYS,
    "gh workflow run staging.yml -f image_version=0.15": PAGE_OF_RELEASES,
    "gh workflow run prod.yml -f image_version=0.15": PAGE_OF_RELEASES,
    "gh attestation verify contract.json --repo dstackai/dstack-images": (
        "docs/examples/use-vm-images.yml",
        "gh attestation verify",
    ),
    "gh run download RUN --name release --dir earlier": (
        "tools/workflow/earlier",
        'gh run download "$run" --name release --dir',
    ),
    "jq": ("tests/workflows/test_workflow_pages.py", "def test_the_file_for_dstacks_backends"),
    ". tools/env": ("Makefile", "IN_ENV := . tools/env"),
    "pulumi up -s local": ("tools/up-local", "exec pulumi up -s local"),
    "pulumi preview --diff -s local": (PROMISES, 'stack.pulumi.preview("--diff")'),
    "pulumi stack output --json -s local": (ENGINE, '"stack", "output", "--stack", self.stack'),
    "export PULUMI_BACKEND_URL='s3://": (
        "tests/unit/test_tools_env.py",
        'for backend in ("s3://states", "")',
    ),
    "export PULUMI_SECRETS_PROVIDER='awskms://": (FIRST, "def test_stacks_are_made_with_the_key"),
    "tools/setup --only clouds": ("Makefile", "tools/setup --only clouds"),
    "pulumi stack init": (FIRST, "def test_stacks_are_made_with_the_key"),
    **dict.fromkeys(IDENTITY, ("tests/unit/identity_commands.py", "def run(")),
    "pulumi config set -s local": (FIRST, "def test_this_machine_runs_dockers_other_branch"),
    "pulumi stack change-secrets-provider": (FIRST, "def test_stack_of_a_passphrase_gets_the_key"),
    "sed -i 's/^  dstack-images:releases": (FIRST, "def test_releases_are_put_aside"),
    "pulumi preview -s staging": (IN_CLOUDS, 'staging.pulumi.preview("--json")'),
    "pulumi up -s staging": (IN_CLOUDS, "staging.up()"),
    "pulumi up -s staging --continue-on-error": (
        "tests/engine/test_releases.py",
        '"--continue-on-error"',
    ),
    "pulumi up -s prod": (IN_CLOUDS, "prod.up()"),
    "curl --fail": (FIRST, "def test_checksum_that_prod_wants"),
    'sed -i "/^ *grid:$/a': (FIRST, "def test_checksum_that_prod_wants"),
    "pulumi preview -s prod --import-file /tmp/made.json": (LOST, '"--import-file"'),
    "pulumi import -s prod --file /tmp/import.json --generate-code=false": (
        LOST,
        'commands(tmp_path, "pulumi import")',
    ),
    "packer validate -syntax-only": (
        "tests/packer/test_templates.py",
        "def test_a_person_gets_a_template_to_validate",
    ),
    "pulumi refresh -s staging": (IN_CLOUDS, "staging.pulumi.refresh()"),
    "pulumi stack export -s prod >state.json": (LOST_STATE, '"stack", "export", "--stack", "prod"'),
    "xargs -n 1 pulumi state unprotect -s prod --yes <urns.txt": (REMOVED, 'if "unprotect" in one'),
    "pulumi import -s prod --file adopt.json --generate-code=false": (LOST_STATE, '"--file"'),
    "pulumi preview -s prod": (LOST_STATE, 'prod.pulumi.preview("--json")'),
    "pulumi destroy -s staging": (IN_CLOUDS, "staging.pulumi.destroy()"),
    "pulumi cancel -s local": (FAULTS, '"cancel", "--stack", "local"'),
    "python -m ops": ("tests/unit/test_ops_page.py", "def test_commands_of_the_pages"),
    "pulumi stack output contract --json -s prod >contract.json": (
        ENGINE,
        '"stack", "output", "--stack", self.stack',
    ),
    "pulumi stack output contract --json -s staging | python -m ops check -s staging": (
        "tests/unit/test_ops_page.py",
        "def test_commands_of_the_pages",
    ),
    "pulumi stack output contract --json -s local >contract.json": (
        "tests/unit/test_page.py",
        "contract.model_dump_json",
    ),
    "mkdir -p /tmp/seed": (SELF, "def test_seed_of_the_readme"),
    "printf": (SELF, "def test_seed_of_the_readme"),
    "echo 'instance-id: first' >/tmp/seed/meta-data": (SELF, "def test_seed_of_the_readme"),
    "touch /tmp/seed/vendor-data": (SELF, "def test_seed_of_the_readme"),
    "python3 -m http.server": (BOOT, "def test_image_boots_by_the_readme"),
    "qemu-system-x86_64": (BOOT, 'if "qemu-system-x86_64" in block'),
    "ssh -p 2222 ubuntu@127.0.0.1": (BOOT, 'login = f"ssh -p {ssh} ubuntu@127.0.0.1"'),
}
#: Commands that the table has by their first words.
BY_FIRST_WORDS = (
    *(
        "packer validate -syntax-only",
        "printf",
        "python3 -m http.server",
        "qemu-system-x86_64",
        "python -m ops",
    ),
    *("jq", "curl --fail", 'sed -i "/^ *grid:$/a', "sed -i 's/^  dstack-images:releases"),
    *("export PULUMI_BACKEND_URL='s3://", "export PULUMI_SECRETS_PROVIDER='awskms://"),
    *IDENTITY,
    *("pulumi stack init", "pulumi stack change-secrets-provider", "pulumi config set -s local"),
)

#: Look like paths of the checkout and are none.
NOT_OURS = {"factory-demo/hello", "owner/name", "stable/deb/amd64"}
#: Made by running, so not in a fresh clone.
MADE = ("dist", ".state", ".venv", ".pulumi")


def commands(text: str) -> Iterator[str]:
    """Commands of the `sh` blocks, one each, lines that go on joined."""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            if line.strip() and not line.startswith("#"):
                yield line.strip()


def table_key(command: str) -> str:
    return next((words for words in BY_FIRST_WORDS if command.startswith(words)), command)


ALL_COMMANDS = [command for page in PAGES for command in commands(page.read_text("utf-8"))]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def quoted(page: Path) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", prose(page))


def rows(page: Path, *header: str) -> list[list[str]]:
    """Rows of every table of the page with this header."""
    found: list[list[str]] = []
    for table in re.findall(r"(?:^\|.*\|\n)+", page.read_text(encoding="utf-8"), re.MULTILINE):
        lines = [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines()]
        if lines[0] == list(header):
            found += lines[2:]
    assert found, f"{page.name} has no table {header}"
    return found


# Commands, paths, links


def test_there_are_commands_on_the_pages() -> None:
    assert {"make local", "make test"} <= set(ALL_COMMANDS)


def test_every_command_of_a_page_is_run_by_something() -> None:
    unknown = {table_key(command) for command in ALL_COMMANDS} - set(RUN_BY)
    assert not unknown, "say in RUN_BY which test or make target runs these"
    unused = set(RUN_BY) - {table_key(command) for command in ALL_COMMANDS}
    assert not unused, "no page has these any more"


@pytest.mark.parametrize("command", RUN_BY)
def test_what_runs_a_command_still_does(command: str) -> None:
    file, words = RUN_BY[command]
    assert words in (PROJECT / file).read_text(encoding="utf-8")


@EACH_PAGE
def test_make_targets_exist(page: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    code = [*quoted(page), *commands(page.read_text(encoding="utf-8"))]
    named = {found[1] for text in code for found in re.finditer(r"\bmake ([a-z]+)", text)}
    assert named <= targets


def ops(*arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=PROJECT,
        env={**os.environ, "DSTACK_IMAGES_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_subcommands_of_ops_exist_and_all_are_told(tmp_path: Path) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"python -m ops ([a-z]+)", text))
    known = re.search(r"\{([a-z,]+)\}", ops("--help", home=tmp_path).stdout)
    assert known
    assert named == set(known[1].split(","))


def test_seed_of_the_readme(tmp_path: Path) -> None:
    """The README's own lines, with a home and a folder of the test's."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ed25519.pub").write_text("ssh-ed25519 AAAA me@home\n")
    script = [c for c in ALL_COMMANDS if re.match(r"(mkdir|printf|echo|touch) ", c)]
    subprocess.run(
        ["sh", "-euc", "\n".join(script).replace("/tmp/seed", str(tmp_path / "seed"))],
        env={**os.environ, "HOME": str(tmp_path)},
        check=True,
    )
    user, meta = ((tmp_path / "seed" / name).read_text() for name in ("user-data", "meta-data"))
    assert user.startswith("#cloud-config\n")
    assert yaml.safe_load(user) == {"ssh_authorized_keys": ["ssh-ed25519 AAAA me@home"]}
    assert yaml.safe_load(meta) == {"instance-id": "first"}
    assert (tmp_path / "seed" / "vendor-data").read_text() == ""


def looks_like_a_path(text: str) -> bool:
    """With a folder in it, or a file of the checkout's own root by its ending."""
    if text in NOT_OURS or text.split("/")[0] in MADE:
        return False
    in_folder = re.fullmatch(r"[A-Za-z_.][\w.-]*(/[\w.-]+)*/([\w.-]+)?", text)
    return bool(in_folder or re.fullmatch(r"Makefile|[A-Z][\w.-]*\.(yaml|md)", text))


@EACH_PAGE
def test_files_and_folders_exist(page: Path) -> None:
    paths = {text for text in quoted(page) if looks_like_a_path(text)}
    assert not {path for path in paths if not (PROJECT / path).exists()}


def linked(page: Path) -> list[Path]:
    """What the page links to in this checkout."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    relative = [t.split("#")[0] for t in targets if not re.match(r"https?:|#", t)]
    return [(page.parent / target).resolve() for target in relative]


@EACH_PAGE
def test_relative_links_resolve(page: Path) -> None:
    assert not [target for target in linked(page) if not target.exists()]


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [README]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            ahead += linked(page)
    assert not set(PAGES) - reached


def test_every_simulator_says_what_it_judges() -> None:
    text = (PROJECT / "docs" / "simulation.md").read_text(encoding="utf-8")
    simulators = PROJECT / "tests" / "simulators"
    framework = simulators / "pulumi"
    modules = {
        path.relative_to(PROJECT).as_posix()
        for path in simulators.glob("*/*.py")
        if path.parent != framework and path.name != "__init__.py"
    }
    packages = {
        f"{folder.relative_to(PROJECT).as_posix()}/"
        for folder in (framework, *(init.parent for init in simulators.glob("*/*/__init__.py")))
    }
    assert not {name for name in modules | packages if f"`{name}`" not in text}


# Configuration: that the tables are current is for test_config_documents.py

KEYS = every()
HEADER = ("key", "type", "default", "allowed", "bakes", "what it does")
DOCUMENTED = {row[0].strip("`"): row for row in rows(CONFIGURATION, *HEADER)}


def test_the_pages_variants_are_the_catalogs() -> None:
    told = dict(rows(CONFIGURATION, "cloud", "variants"))
    assert told == {cloud: ", ".join(variants(cloud)) for cloud in CLOUDS}


#: A stack with every variant that has steps of its own, and another value for each key.
STACK: dict[str, Any] = {
    "releases": ["0.14"],
    "docker": {"source": "distribution"},
    "nvidia": {"grid": {"url": "https://example.org/grid.run", "sha256": "0" * 64}},
    "clouds": {
        "local": {"variants": {"cpu": {}, "cuda": {}, "grid": {}}},
        "gcp": {
            "variants": {"a3mega": {"source": "some-other-image"}},
            "project": "some-project",
            "source": "some-image",
            "zone": "us-central1-a",
            "regions": ["us"],
        },
    },
}
OTHER: dict[str, Any] = {
    "releases": ["0.15"],
    "retiring": {"0.13": "2027-03-31"},
    "prefix": "stgn-1-",
    "visibility": "public",
    "immutable": True,
    "verify": False,
    "epoch": 1,
    "timeLimitMinutes": 30,
    "prepull": ["some/image:1"],
    "docker.source": "docker.com",
    "docker.version": "27.1.1",
    "docker.repository": "https://example.org/docker",
    "docker.keyFingerprint": "A" * 40,
    "nvidia.branch": "590",
    "nvidia.toolkitVersion": "1.18.0",
    "nvidia.grid.url": "https://example.org/other.run",
    "nvidia.grid.sha256": "a" * 64,
    "nvidia.grid.kernel": "6.14",
    "nvidia.cudaRepository": "https://example.org/cuda",
    "nvidia.cudaKeyFingerprint": "A" * 40,
    "nvidia.toolkitRepository": "https://example.org/toolkit",
    "nvidia.toolkitKeyFingerprint": "A" * 40,
    "clouds.local.source": "debian-12",
    "clouds.local.cpus": 4,
    "clouds.local.memoryMb": 4096,
    "clouds.local.place": "elsewhere",
}
VARIANTS = ("cpu", "cuda", "grid", "a3mega")


def digests(checkout: Path, values: dict[str, Any]) -> dict[str, str]:
    """Variant -> digest of its content."""
    settings = Settings.model_validate(values)
    stack = Stack.of(settings, "staging", "")
    return {
        wanted.key.variant: wanted.content.digest
        for cloud in settings.clouds.selected().values()
        for wanted in wanted_images(
            checkout,
            stack,
            settings,
            cloud,
            source=lambda _: "some-image",
            prepull=settings.prepull,
        )
    }


@pytest.mark.parametrize("key", OTHER)
def test_what_the_page_says_to_bake_bakes_and_nothing_else(key: str, checkout: Path) -> None:
    values = json.loads(json.dumps(STACK))
    inner, *path = reversed(key.split("."))
    place = values
    for step in reversed(path):
        place = place.setdefault(step, {})
    place[inner] = OTHER[key]
    if key == "retiring":
        values["releases"] = ["0.13", "0.14"]
    if key == "docker.source":
        place["version"] = "27.1.1"
    before, after = digests(checkout, STACK), digests(checkout, values)
    baked = [variant for variant in VARIANTS if before[variant] != after[variant]]
    told = DOCUMENTED[key][4]
    assert baked == {"all": [*VARIANTS], "no": []}.get(told, told.split(", "))


def test_every_key_that_is_built_is_tried_above() -> None:
    built = {
        key.name
        for key in KEYS
        if not key.is_section
        and (not key.name.startswith("clouds.") or key.name.startswith("clouds.local."))
    }
    own = {key for key in built if key.startswith("clouds.local.variants.")}
    assert built - own - set(OTHER) == {"clouds.local.diskGb"}
    assert {DOCUMENTED[key][4] for key in own} == {"the variant", "no"}


def test_disk_size_bakes_in_every_cloud_and_variants_alone_in_none(checkout: Path) -> None:
    bigger = json.loads(json.dumps(STACK))
    bigger["clouds"]["local"]["diskGb"] = 9
    bigger["clouds"]["gcp"]["diskGb"] = 19
    fewer = json.loads(json.dumps(STACK))
    fewer["clouds"]["local"]["variants"] = {"cpu": {}}
    before = digests(checkout, STACK)
    assert not set(before.values()) & set(digests(checkout, bigger).values())
    assert digests(checkout, fewer).items() <= before.items()
    disks = {key: row[4] for key, row in DOCUMENTED.items() if key.endswith("diskGb")}
    # The base of A3 Mega is another image, with a disk of its own.
    assert disks.pop("clouds.gcp.variants.<variant>.diskGb") == "the variant"
    assert set(disks.values()) == {"all"}


# What is in an image


def documented_steps(variant: str) -> list[str]:
    """Steps of the page's row of a variant, which may build upon that of cpu."""
    text = dict(rows(IMAGE, "variant", "steps, in order"))[variant]
    if not text.startswith("as cpu; "):
        return text.split(", ")
    steps = documented_steps("cpu")
    for clause in text.removeprefix("as cpu; ").split("; "):
        found = re.fullmatch(r"(?:after|between) (\S+)(?: and (\S+))?: (.+)", clause)
        assert found, clause
        place = steps.index(found[1]) + 1
        assert found[2] in (None, steps[place]), clause
        steps[place:place] = found[3].split(", ")
    return steps


@pytest.mark.parametrize("made", CATALOG, ids=lambda made: str(made.key))
def test_steps_of_a_variant_are_the_catalogs(made: Entry) -> None:
    steps = documented_steps(made.key.variant)
    if made.key.cloud == "azure":
        steps.append("azure-deprovision")
    if made.key.cloud == "oci":
        steps.insert(steps.index("kernel-tuning") + 1, "oci-firewall")
    assert steps == list(made.steps)


def test_every_step_is_explained_in_an_order_that_happens() -> None:
    told = [
        step
        for row in rows(IMAGE, "step", "what it does", "fails when")
        for step in row[0].split(", ")
    ]
    assert sorted(told) == sorted({step for made in CATALOG for step in made.steps})
    for made in CATALOG:
        # a3mega's own step comes early there, late in the table.
        own = [step for step in made.steps if step != "a3mega"]
        assert [step for step in told if step in own] == own, made
    assert REBOOT in told


def test_every_check_is_explained() -> None:
    told = [row[0] for row in rows(IMAGE, "check", "what must be")]
    assert told == list(dict.fromkeys(check for made in CATALOG for check in made.checks))
