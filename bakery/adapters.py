"""What knows a target's cloud."""

from bakery.adapter import Adapter
from bakery.aws.adapter import Aws
from bakery.aws.publisher import AwsPublisher
from bakery.errors import BakeryError
from bakery.local.adapter import Local
from bakery.publisher import Publisher
from images.targets import LocalTarget, Target


def adapter_of(target: Target, stack: str) -> Adapter:
    """Finds, prepares and keeps bakes there, for the stack."""
    return Local(target) if isinstance(target, LocalTarget) else Aws(target, stack)


def publisher_of(target: Target) -> Publisher:
    """Looks before and after publications there."""
    if isinstance(target, LocalTarget):
        raise BakeryError("on this machine `publish` looks for itself")
    return AwsPublisher(target)
