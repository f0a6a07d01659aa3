"""The catalog is data about files in packer/: both must agree."""

from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from images.catalog import (
    CATALOG,
    CLOUDS,
    INVENTORY,
    PROTECTED_VERSIONS,
    REBOOT,
    Arch,
    Cloud,
    Entry,
    ImageKey,
    Variant,
    entry,
    variants,
)
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

_ENTRIES = pytest.mark.parametrize("made", CATALOG, ids=lambda made: str(made.key))


def _names(folder: str) -> set[str]:
    return {file.stem for file in (PROJECT / "packer" / folder).glob("*.sh")}


@_ENTRIES
def test_every_step_and_check_is_a_readable_script(made: Entry) -> None:
    steps = [PROJECT / "packer" / "provision" / f"{step}.sh" for step in made.steps]
    checks = [PROJECT / "packer" / "checks" / f"{check}.sh" for check in made.checks]
    missing = [str(file) for file in steps + checks if not file.is_file()]
    assert not missing
    assert all(file.read_text(encoding="utf-8").startswith("#!") for file in steps + checks)


def test_no_script_is_forgotten() -> None:
    assert _names("provision") - {"lib"} == {step for made in CATALOG for step in made.steps}
    assert _names("checks") == {check for made in CATALOG for check in made.checks}
    assert (PROJECT / "packer" / "checks" / "run").is_file()


@_ENTRIES
def test_prepare_reboot_install_seal_are_all_steps_in_order(made: Entry) -> None:
    assert (*made.prepare, REBOOT, *made.install, *made.seal) == made.steps
    assert made.prepare
    assert made.install[-1] == INVENTORY
    assert made.seal, "a login key and a machine-id would stay in the image"


@_ENTRIES
def test_no_step_or_check_twice(made: Entry) -> None:
    assert len(set(made.steps)) == len(made.steps)
    assert len(set(made.checks)) == len(made.checks)


@_ENTRIES
def test_what_order_is_load_bearing(made: Entry) -> None:
    def before(*steps: str) -> None:
        present = [step for step in steps if step in made.steps]
        assert present == sorted(present, key=made.steps.index)

    assert made.steps[0] == "await-cloud-init"
    before("apt-quiet", "apt-upgrade", REBOOT, "docker", "cuda")
    before("packages", "oci-firewall", REBOOT)
    before("grid-kernel", REBOOT, "grid-driver", "container-toolkit")
    before("docker", "container-toolkit", "prepull", INVENTORY, "clean", "azure-deprovision")


@_ENTRIES
def test_every_image_is_cleaned_checked_for_docker_and_for_a_fresh_identity(made: Entry) -> None:
    assert "clean" in made.seal
    assert {"boot", "login-user", "docker", "prepulled-images", "fresh-identity"} <= set(
        made.checks
    )
    if made.key.variant in ("cuda", "grid"):
        assert {"kernel-module", "gpu-tools"} <= set(made.checks)


def test_oracles_rules_are_kept_on_oracle_cloud_alone() -> None:
    keep = {made.key.cloud for made in CATALOG if "oci-firewall" in made.steps}
    assert keep == {"oci"}
    assert all("oci-firewall" in made.steps for made in CATALOG if made.key.cloud == "oci")


def test_azure_alone_is_generalised() -> None:
    last = {made.key.cloud: made.steps[-1] for made in CATALOG}
    assert last.pop("azure") == "azure-deprovision"
    assert set(last.values()) == {"clean"}


@pytest.mark.parametrize(
    ("cloud", "has"),
    [
        ("local", ("cpu", "cuda", "grid")),
        ("aws", ("cpu", "cuda")),
        ("azure", ("cpu", "cuda", "grid")),
        ("gcp", ("cpu", "cuda", "a3mega")),
        ("oci", ("cpu", "cuda")),
    ],
)
def test_variants_of_a_cloud(cloud: Cloud, has: tuple[Variant, ...]) -> None:
    assert variants(cloud) == has


def test_a_variant_that_a_cloud_does_not_have() -> None:
    with pytest.raises(LookupError, match="aws has no variant grid; it has cpu, cuda"):
        entry(ImageKey("aws", "grid"))


def test_each_image_is_in_the_table_once() -> None:
    keys = [made.key for made in CATALOG]
    assert len(set(keys)) == len(keys)
    assert {key.cloud for key in keys} == set(CLOUDS)
    assert {key.variant for key in keys} == set(get_args(Variant))
    assert {key.arch for key in keys} == {"x86_64"}, "no server asks for another"


def test_an_architecture_is_part_of_the_stem_unless_it_is_the_usual_one() -> None:
    kinds = product(("cpu", "cuda"), get_args(Arch))
    keys = [ImageKey("aws", variant, arch) for variant, arch in kinds]
    assert [key.stem for key in keys] == [
        "dstack",
        "dstack-arm64",
        "dstack-cuda",
        "dstack-cuda-arm64",
    ]


def test_the_legacy_release_is_protected() -> None:
    assert "0.10" in PROTECTED_VERSIONS


def test_steps_share_one_library() -> None:
    assert Path(PROJECT / "packer" / "provision" / "lib.sh").is_file()
