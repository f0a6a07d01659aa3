"""Every template, by the real Packer: formatted, and valid with what the bakery gives it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from bakery.packer.pins import pins
from bakery.packer.program import find_packer
from bakery.packer.template import template
from bakery.progress import Progress
from images.catalog import CATALOG, Cloud, Entry
from tools.todays_packer import BUILT_PLUGINS

pytestmark = pytest.mark.packer

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "image.md"
TEMPLATES = sorted((PROJECT / "packer").glob("*.pkr.hcl"))

VARIABLES: dict[Cloud, dict[str, object]] = {
    "local": {
        "source": "base.qcow2",
        "source_checksum": "none",
        "throw_away": False,
        "output": "output",
        "accelerator": "tcg",
        "machine": [["-machine", "q35,accel=tcg"], ["-cpu", "EPYC,-svm"]],
        "console": [["-serial", "file:console.log"]],
        "cpus": 2,
        "memory_mb": 2048,
        "disk_gb": 8,
        "seed": "seed",
        "ssh_timeout": "15m",
        "registry_mirror": "",
    },
    "aws": {
        "image_name": "dstack-bake-test",
        "throw_away": False,
        "region": "eu-west-1",
        "endpoint": "",
        "source": "ami-0123456789abcdef0",
        "instance_type": "c5.large",
        "disk_gb": 100,
        "volume_type": "gp2",
        "subnet": "",
        "security_group": "",
        "ssh_from": ["192.0.2.1/32"],
        "ssh_host": "",
        "ssh_port": 22,
        "ssh_key_pair": "",
        "temporary_key_pair": "dstack-bake-test",
        "run_tags": {"dstack-stack": "test"},
        "image_tags": {"dstack-stack": "test"},
    },
    "azure": {
        "throw_away": False,
        "subscription": "9c8c2e3a-0000-4000-8000-000000000001",
        "tenant": "9c8c2e3a-0000-4000-8000-000000000002",
        "client_id": "9c8c2e3a-0000-4000-8000-000000000003",
        "client_secret": "not-a-secret",
        "by_cli": False,
        "endpoint": "",
        "group": "packer",
        "build_group": "packer-build-westeurope",
        "source_publisher": "canonical",
        "source_offer": "ubuntu-24_04-lts",
        "source_sku": "server",
        "source_version": "24.04.202508280",
        "source_image": "",
        "source_group": "",
        "vm_size": "Standard_D2s_v6",
        "disk_gb": 30,
        "prefix": "dstk012345",
        "ssh_from": ["192.0.2.1/32"],
        "image_name": "dstack-bake-test",
        "snapshot_name": "dstack_bake_test",
        "azure_tags": {"dstack-stack": "test"},
    },
    "gcp": {
        "run": "dstack-bake-test",
        "throw_away": False,
        "project": "some-project",
        "zone": "us-central1-a",
        "endpoint": "",
        "source": "ubuntu-2404-noble-amd64-v20250828",
        "source_project": "ubuntu-os-cloud",
        "features": ["GVNIC"],
        "machine_type": "e2-standard-4",
        "maintenance": "MIGRATE",
        "disk_gb": 20,
        "disk_name": "dstack-bake-test-0123456789abcdef",
        "subnet": "projects/some-project/regions/us-central1/subnetworks/some",
        "iap": True,
        "storage_location": "us",
        "run_labels": {"dstack-stack": "test"},
        "image_labels": {"dstack-stack": "test"},
    },
    "oci": {
        "run": "dstack-bake-test",
        "throw_away": False,
        "access_file": "",
        "region": "eu-frankfurt-1",
        "compartment": "ocid1.compartment.oc1..aaaaaaaacompartment",
        "availability_domain": "kZql:EU-FRANKFURT-1-AD-1",
        "subnet": "ocid1.subnet.oc1.eu-frankfurt-1.aaaaaaaasubnet",
        "shape": "VM.Standard2.1",
        "source": "ocid1.image.oc1.eu-frankfurt-1.aaaaaaaasource",
        "disk_gb": 50,
        "run_tags": {"dstack-stack": "test"},
        "image_tags": {"dstack-stack": "test"},
    },
}

#: Where a Packer built from modules has the plugin.
BUILT_FOR = [cloud for cloud in VARIABLES if set(pins(cloud)) <= set(BUILT_PLUGINS)]

#: What a verification gives otherwise than a bake.
VERIFY: dict[Cloud, dict[str, object]] = {
    "azure": {
        "source_publisher": "",
        "source_offer": "",
        "source_sku": "",
        "source_version": "",
        "source_image": "dstack-bake-test",
        "source_group": "packer",
        "snapshot_name": "",
    },
}


def packer(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["packer", *args], cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_formatted(template: Path) -> None:
    assert packer("fmt", "-check", "-diff", str(template)).stdout == ""


def test_every_template_is_of_a_cloud_that_is_tested() -> None:
    assert {path.name.split(".")[0] for path in TEMPLATES} == {*VARIABLES, "build"}


@pytest.mark.parametrize(
    "entry",
    [entry for entry in CATALOG if entry.key.cloud in VARIABLES],
    ids=lambda entry: str(entry.key),
)
def test_valid_for_every_variant(entry: Entry, tmp_path: Path) -> None:
    check_valid(entry, tmp_path)


@pytest.mark.parametrize(
    "entry",
    [entry for entry in CATALOG if entry.key.cloud in BUILT_FOR],
    ids=lambda entry: str(entry.key),
)
def test_valid_for_todays_packer_too(entry: Entry, todays_packer: str, tmp_path: Path) -> None:
    assert packer("version").stdout.startswith(f"Packer v{todays_packer}")
    check_valid(entry, tmp_path)


def check_valid(entry: Entry, tmp_path: Path) -> None:
    """By the Packer on PATH, with what the bakery gives it."""
    (tmp_path / "key").write_text("")
    steps = {
        part: [f"packer/provision/{step}.sh" for step in getattr(entry, part)]
        for part in ("prepare", "install", "seal")
    }
    variables = {
        **VARIABLES[entry.key.cloud],
        **steps,
        "name": "dstack-bake-test",
        "results": str(tmp_path),
        "environment": ["A=b"],
        "checks": list(entry.checks),
        "ssh_private_key_file": _key(tmp_path) if entry.key.cloud == "local" else "",
    }
    if entry.key.cloud == "oci":
        variables["access_file"] = _access(tmp_path)
    file = tmp_path / "variables.pkrvars.json"
    used = template(find_packer(entry.key.cloud, Progress()), entry.key.cloud, tmp_path)
    for build, own in (("bake", {}), ("verify", VERIFY.get(entry.key.cloud, {}))):
        file.write_text(json.dumps({**variables, **own}))
        checked = packer("validate", f"-var-file={file}", f"-only={build}.*", str(used.folder))
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_template_refuses_a_missing_variable(tmp_path: Path) -> None:
    file = tmp_path / "variables.pkrvars.json"
    file.write_text("{}")
    used = template(find_packer("local", Progress()), "local", tmp_path)
    refused = packer("validate", f"-var-file={file}", str(used.folder))
    assert refused.returncode != 0
    assert re.search(r"Unset variable|unset", refused.stdout + refused.stderr)


def test_a_person_gets_a_template_to_validate(tmp_path: Path) -> None:
    """By the commands of docs/image.md."""
    (block,) = re.findall(r"```sh\n(.*bakery\.packer\.template.*?)```", PAGE.read_text(), re.DOTALL)
    script = block.replace("/tmp/template", str(tmp_path))
    done = subprocess.run(
        ["bash", "-euc", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _key(folder: Path) -> str:
    key = folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return str(key)


def _access(folder: Path) -> str:
    """A user's key for Oracle Cloud, without which the builder does not check anything."""
    key = folder / "key.pem"
    made = ["openssl", "genrsa", "-traditional", "-out", str(key), "2048"]
    subprocess.run(made, check=True, capture_output=True)
    lines = {
        "user": "ocid1.user.oc1..aaaaaaaauser",
        "tenancy": "ocid1.tenancy.oc1..aaaaaaaatenancy",
        "fingerprint": ":".join(["0a"] * 16),
        "key_file": str(key),
    }
    file = folder / "config"
    file.write_text("[DEFAULT]\n" + "".join(f"{name}={value}\n" for name, value in lines.items()))
    return str(file)
