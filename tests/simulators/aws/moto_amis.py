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
    AmisResponse.disable_image_deprecation = _keep  # pyright: ignore[reportAttributeAccessIssue]
    AmisResponse.modify_image_attribute = dating_public(AmisResponse.modify_image_attribute)
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
        # Those that are made today have it on EBS, and Packer insists. How EC2 describes a copy's
        # snapshot is in redhat-performance/cloud-governance, zombie_snapshots.py.
        moto(ami, *args, **{"root_device_type": "ebs", **more})
        if source := more.get("source_ami"):
            ami.ebs_snapshot.volume.id = COPIED
            ami.ebs_snapshot.description = (
                f"Copied for DestinationAmi {ami.id} from SourceAmi {source.id} for SourceSnapshot "
                f"{source.ebs_snapshot.id}. Task created on 1,566,308,778,174."
            )

    Ami.__init__ = made  # pyright: ignore[reportAttributeAccessIssue]


def dating_public(moto: Any) -> Any:
    """Public AMIs are deprecated two years after they were made ("Deprecate an Amazon EC2 AMI", EC2
    User Guide: "By default, the deprecation date of all public AMIs"), unless it is earlier.
    """

    @wraps(moto)
    def modified(response: Any) -> Any:
        answer = moto(response)
        ami = _ami(response)
        if ami.is_public:
            ami.deprecation_time = min(_written(_made(ami) + _PUBLIC), _date(ami) or "9")
        return answer

    return modified


def _deprecate(response: Any) -> ActionResult:
    """No date in the past, and for public AMIs none beyond two years from their creation, says
    "EnableImageDeprecation", Amazon EC2 API Reference; nor a later one than they have, says
    "Deprecate an Amazon EC2 AMI", EC2 User Guide.
    """
    ami = _ami(response)
    when: datetime = response._get_param("DeprecateAt").replace(tzinfo=UTC)
    if when <= datetime.now(UTC):
        raise EC2ClientError("InvalidParameterValue", "You can't specify a date in the past")
    if ami.is_public and when > _made(ami) + _PUBLIC:
        raise EC2ClientError("InvalidParameterValue", "a public AMI is deprecated in two years")
    if ami.is_public and _written(when) > (_date(ami) or "9"):
        raise EC2ClientError("InvalidParameterValue", "a public AMI gets no later date")
    ami.deprecation_time = _written(when)
    return ActionResult({"Return": True})


def _keep(response: Any) -> ActionResult:
    """Of a public AMI no date is cancelled: "you must make the AMI private", says "Deprecate an
    Amazon EC2 AMI", EC2 User Guide; that EC2 refuses, and does not just pass over it, is taken as
    the worse of the two.
    """
    ami = _ami(response)
    if ami.is_public:
        raise EC2ClientError("InvalidParameterValue", "the date of a public AMI is not cancelled")
    ami.deprecation_time = None
    return ActionResult({"Return": True})


def _ami(response: Any) -> Any:
    return response.ec2_backend.describe_images([response._get_param("ImageId")])[0]


def _made(ami: Any) -> datetime:
    return ami.creation_date.replace(tzinfo=UTC)


def _date(ami: Any) -> str | None:
    return getattr(ami, "deprecation_time", None)


def _written(when: datetime) -> str:
    """Whole minutes, as EC2 keeps them."""
    return when.strftime("%Y-%m-%dT%H:%M:00.000Z")
