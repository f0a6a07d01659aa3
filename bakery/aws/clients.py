"""boto3's clients, and its errors in words."""

# Of the services that are not used here there are no stubs.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from images.aws import AwsAccount
from images.errors import BakeryError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_service_quotas import ServiceQuotasClient

#: Throttling and faults that pass are tried again by the library, with growing pauses.
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 8})
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_INVALID = {"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"}
_DENIED = {"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"}


def ec2(of: AwsAccount, region: str | None = None) -> EC2Client:
    return boto3.client(
        "ec2",
        region_name=region or of.region,
        endpoint_url=of.endpoint,
        config=_CONFIG,
    )


def s3(of: AwsAccount) -> S3Client:
    # An endpoint of one's own has no name for each bucket.
    style = Config(s3={"addressing_style": "path" if of.endpoint else "auto"})
    return boto3.client(
        "s3",
        region_name=of.region,
        endpoint_url=of.endpoint,
        config=_CONFIG.merge(style),
    )


def quotas(of: AwsAccount, region: str) -> ServiceQuotasClient:
    return boto3.client(
        "service-quotas", region_name=region, endpoint_url=of.endpoint, config=_CONFIG
    )


def account(of: AwsAccount) -> str:
    """The number of the account that the credentials are of."""
    sts = boto3.client("sts", region_name=of.region, endpoint_url=of.endpoint, config=_CONFIG)
    return sts.get_caller_identity()["Account"]


def code(error: ClientError) -> str:
    """AWS's own name of an error."""
    return error.response.get("Error", {}).get("Code", "")


def denied(error: ClientError) -> bool:
    """Whether AWS knows who asks, and that they may not."""
    return code(error) in _DENIED


@contextmanager
def translate_errors(where: str) -> Generator[None]:
    """Turns what AWS refuses into a BakeryError that says what can be done."""
    try:
        yield
    except NoCredentialsError:
        raise BakeryError(
            "there are no credentials for AWS; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and run again"
        ) from None
    except ClientError as error:
        raise BakeryError(f"{where}: {_words(error)}") from None
    except BotoCoreError as error:
        raise BakeryError(f"{where}: {error}") from None


def _words(error: ClientError) -> str:
    name = code(error)
    message = error.response.get("Error", {}).get("Message", str(error))
    if name in _EXPIRED:
        return f"the credentials for AWS have expired ({name}); renew them and run again"
    if name in _INVALID:
        return f"AWS does not know these credentials ({name}); check them and run again"
    if denied(error):
        return (
            f"these credentials may not do {error.operation_name} ({message}); docs/aws.md says "
            "what is needed and why"
        )
    return f"{error.operation_name} failed: {name}: {message}"
