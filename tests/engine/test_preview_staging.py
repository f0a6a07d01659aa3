"""What somebody without credentials sees of a change: staging, in simulated clouds."""

import subprocess

import pytest

from tests.engine.literal_pulumi import CHECKOUT

pytestmark = pytest.mark.engine

KINDS = (
    "aws:ec2/amiCopy:AmiCopy",
    "azure-native:compute:Image",
    "gcp:compute/image:Image",
    "oci:Core/image:Image",
)


def test_every_cloud_is_in_it() -> None:
    done = subprocess.run(
        [CHECKOUT / "tools" / "workflow" / "preview-simulated"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in KINDS:
        assert f"+ {kind}: (create)" in done.stdout
