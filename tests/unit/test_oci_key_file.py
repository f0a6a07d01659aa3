"""One key for Pulumi's provider, Packer and the bakery, which look for it in different orders."""

from pathlib import Path

import oci
import pytest

from bakery.oci import clients
from components.oci.account import providers
from images.errors import UserError
from tests.fakes.oci_jobs import MILAN
from tests.simulators.oci.provider.calls import Calls
from tests.simulators.oci.server import FINGERPRINT, OTHER_FINGERPRINT, OciTenancy
from tests.unit import oci_tenancy
from tests.unit.test_oci_prerequisites import oci as settings

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


@pytest.fixture
def own(tenancy: OciTenancy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's ~/.oci/config, beside the file that the environment names."""
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / ".oci" / "config"
    file.parent.mkdir()
    file.write_bytes(tenancy.config_file(fingerprint=OTHER_FINGERPRINT).read_bytes())
    return file


def of_pulumi() -> str:
    calls = Calls()
    calls.configure({"region": MILAN})
    client = calls.client(oci.identity.IdentityClient)
    return client.base_client.signer.api_key.rpartition("/")[2]


def test_two_keys_are_refused_before_anything_acts_with_them(own: Path) -> None:
    assert of_pulumi() == OTHER_FINGERPRINT
    for act in (clients.access, lambda: providers(settings())):
        with pytest.raises(UserError, match="Unset OCI_CONFIG_FILE, or move") as refused:
            act()
        assert str(own) in str(refused.value)


def test_one_key_in_two_files_is_one(own: Path, tenancy: OciTenancy) -> None:
    own.write_bytes(tenancy.config_file().read_bytes())
    assert clients.access().config["fingerprint"] == FINGERPRINT == of_pulumi()


def test_own_file_is_enough(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCI_CONFIG_FILE")
    assert clients.access().file == own
