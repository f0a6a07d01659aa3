"""Jobs of the bakery in a simulated AWS account."""

from images.aws import AwsTarget, SshTarget
from images.job import BakeJob, VerifyJob
from tests.fakes import bake_jobs

REGION = "eu-west-1"
BUCKET = "dstack-images-test-123456789012"


def target(endpoint: str | None, source: str, ssh: SshTarget | None = None) -> AwsTarget:
    return AwsTarget(
        region=REGION,
        endpoint=endpoint,
        source=source,
        instance_type="c5.large",
        verify_instance_type="c5.large",
        volume_type="gp2",
        subnet="",
        ssh_from=["192.0.2.1/32"],
        ssh=ssh,
        bucket=BUCKET,
        security_group=None,
    )


def bake_job(target: AwsTarget, stack: str = "test", time_limit: int = 900) -> BakeJob:
    """A bake with the few steps that a machine of any kind can run."""
    return bake_jobs.bake_job(
        target,
        8,
        stack=stack,
        environment={"IMAGE_CLOUD": "aws", "IMAGE_VARIANT": "cpu", "LOGIN_USER": "ubuntu"},
        time_limit=time_limit,
        prepare=["apt-quiet"],
        install=["rebooted", "inventory"],
        seal=["kernel-tuning"],
    )


def verify_job(target: AwsTarget, stack: str = "test") -> VerifyJob:
    return bake_jobs.verification_of(bake_job(target, stack), "boot", "login-user")
