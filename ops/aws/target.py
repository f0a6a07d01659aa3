"""Where the bakery's code is to look, for commands that bake nothing."""

from images.aws import AwsTarget


def aws_target(home_region: str, endpoint: str | None = None) -> AwsTarget:
    """An account, with nothing that only machines need."""
    return AwsTarget(
        region=home_region,
        endpoint=endpoint,
        source="",
        instance_type="",
        verify_instance_type="",
        volume_type="",
        subnet="",
        security_group=None,
        ssh_from=[],
        ssh=None,
        bucket="",
    )
