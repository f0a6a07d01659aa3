"""What EC2 does with AMIs and moto does not."""

from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.amis import Ami
from moto.ec2.responses.amis import AmisResponse

#: Of what volume the snapshots of copies are, for EC2 ("CopySnapshot", Amazon EC2 API Reference: an
#: arbitrary one).
COPIED = "vol-ffffffff"
_PUBLIC = timedelta(days=730)


def teach() -> None:
    """From now on, for all of this process."""
    _born(Ami.__init__)
    AmisResponse.enable_image_deprecation = _deprecate  # pyright: ignore[reportAttributeAccessIssue]
    AmisResponse.describe_images = hiding_disabled(AmisResponse.describe_images)


def hiding_disabled(moto: Any) -> Any:
    """Disabled AMIs do not appear by default ("Disable an Amazon EC2 AMI", EC2 User Guide)."""

    @wraps(moto)
    def described(response: Any) -> ActionResult:
        found: dict[str, Any] = moto(response).result
        if not response._get_param("IncludeDisabled", False):
            found["Images"] = [ami for ami in found["Images"] if ami.state != "disabled"]
        return ActionResult(found)

    return described


def _born(moto: Any) -> None:
    @wraps(moto)
    def made(ami: Any, *args: Any, **more: Any) -> None:
        # For moto, AMIs have their root in the instance store, unless its own list says otherwise.
        # Those that are made today have it on EBS, and Packer insists.
        moto(ami, *args, **{"root_device_type": "ebs", **more})
        if more.get("source_ami"):
            ami.ebs_snapshot.volume.id = COPIED

    Ami.__init__ = made  # pyright: ignore[reportAttributeAccessIssue]


def _deprecate(response: Any) -> ActionResult:
    """No date in the past, and for public AMIs none beyond two years from their creation, says
    "EnableImageDeprecation", Amazon EC2 API Reference.
    """
    ami = response.ec2_backend.describe_images([response._get_param("ImageId")])[0]
    when: datetime = response._get_param("DeprecateAt").replace(tzinfo=UTC)
    if when <= datetime.now(UTC):
        raise EC2ClientError("InvalidParameterValue", "You can't specify a date in the past")
    if ami.is_public and when > ami.creation_date.replace(tzinfo=UTC) + _PUBLIC:
        raise EC2ClientError("InvalidParameterValue", "a public AMI is deprecated in two years")
    ami.deprecation_time = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return ActionResult({"Return": True})
