"""The account that the environment's credentials belong to, and how it is talked to."""

import pulumi
import pulumi_aws as aws

from config.aws import Aws
from images.errors import NotReached

_SERVICES = ("ec2", "iam", "s3", "ssm", "sts")


def provider(chosen: Aws) -> aws.Provider:
    """The provider of the home region; resources elsewhere name their region.

    It would try its credentials out before it is made, and a provider that cannot be made ends the
    program for every cloud (pulumi-aws, provider/resources.go, `preConfigureCallback`). They are
    tried out here instead, by `account_id`.
    """
    if chosen.endpoint is None:
        return aws.Provider("aws", region=chosen.home_region, skip_credentials_validation=True)
    return aws.Provider(
        "aws",
        region=chosen.home_region,
        skip_credentials_validation=True,
        endpoints=[dict.fromkeys(_SERVICES, chosen.endpoint)],  # pyright: ignore[reportArgumentType]
        s3_use_path_style=True,
        skip_metadata_api_check=True,
        skip_region_validation=True,
    )


def account_id(of: aws.Provider) -> str:
    """The account's number. Raises NotReached, before anything is registered, without access."""
    try:
        return aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=of)).account_id
    except Exception as error:
        raise NotReached(
            f"AWS does not accept the credentials of this environment ({error}). Set AWS_PROFILE, "
            "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or renew them, and run again"
        ) from None
