"""Fixtures of the unit tests."""

import functools
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from moto import mock_aws

from bakery.adapter import RunFolders
from bakery.aws.adapter import Aws
from images.contract import Contract
from tests.fakes.aws_content import public_ami
from tests.fakes.aws_jobs import BUCKET, REGION, target
from tests.fakes.azure_jobs import PERSONS, prepare
from tests.fakes.page_contract import page_contract, records
from tests.simulators.azure.subscription import AzureSubscription
from tests.unit.unit_samples import PROJECT


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unit: no engine, no machine, no network")


@pytest.fixture(scope="session", autouse=True)
def service_models() -> Iterator[None]:
    """boto3's descriptions of services, read once: moto begins each test with an empty cache."""
    read = functools.cache(JSONFileLoader().load_file)
    with mock.patch.object(JSONFileLoader, "load_file", staticmethod(read)):
        yield


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """A Caller takes signals of its process: here ^C has to go on ending the run."""
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(name) for name in names]
    yield
    for name, handler in zip(names, before, strict=True):
        signal.signal(name, handler)


@pytest.fixture
def place(tmp_path: Path) -> RunFolders:
    """The folders of a run, with what its machine has handed out."""
    (tmp_path / "packages.txt").write_text("bash 5 amd64\n")
    (tmp_path / "sbom.spdx.json.gz").write_bytes(b"compressed")
    return RunFolders(work=tmp_path, temporary=tmp_path, results=tmp_path)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract that the catalog page is made of."""
    return page_contract()


@pytest.fixture(scope="session")
def page(contract: Contract) -> str:
    """The catalog page."""
    # It takes a moment to load, and most tests do without.
    from ops.page.render import render

    return render(contract, records(contract))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Another checkout with all that belongs to the content of images, to be changed at will."""
    target = tmp_path / "checkout"
    shutil.copytree(PROJECT / "packer", target / "packer")
    return target


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """An AWS account with the stack's bucket, in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    with mock_aws():
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield boto3.client("ec2", region_name=REGION)


@pytest.fixture
def adapter(ec2: Any) -> Aws:
    return Aws(target(None, public_ami(ec2)), "test")


@pytest.fixture(scope="session")
def azure_server() -> Iterator[AzureSubscription]:
    """One for all tests; each gets it as new."""
    with AzureSubscription() as found:
        yield found


@pytest.fixture
def subscription(
    azure_server: AzureSubscription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AzureSubscription:
    """What a stack has made before it bakes, as seen from a machine of its own."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", azure_server.ca_file)
    for name, value in PERSONS.items():
        monkeypatch.setenv(name, value)
    azure_server.reset()
    prepare(azure_server)
    return azure_server
