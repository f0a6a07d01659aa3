"""Where the bakery's code is to look, for commands that bake nothing."""

from images.gcp import GcpTarget


def gcp_target(project: str, zone: str = "", endpoint: str | None = None) -> GcpTarget:
    """A project, with nothing that only machines need."""
    return GcpTarget(
        project=project,
        zone=zone,
        endpoint=endpoint,
        source="",
        machine_type="",
        verify_machine_type="",
        subnet="",
        iap=False,
        storage_location="",
        bucket="",
    )
