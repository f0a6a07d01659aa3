"""Where the bakery's code is to look, for commands that bake nothing."""

from images.oci import OciTarget


def oci_target(region: str, compartment: str, bucket: str = "") -> OciTarget:
    """A compartment, with nothing that only machines need."""
    return OciTarget(
        region=region,
        compartment=compartment,
        availability_domain=1,
        subnet="",
        source="",
        shape="",
        verify_shape="",
        bucket=bucket,
    )
