"""The account that the environment's credentials belong to, and how it is talked to."""

import pulumi
import pulumi_aws as aws

from config.aws import Aws
from images.aws import AwsAccount
from images.aws_provider import provider_inputs
from images.errors import NotReached


def provider(chosen: Aws) -> aws.Provider:
    """The provider of the home region; resources elsewhere name their region.

    Its credentials are tried out by `account_id`.
    """
    account = AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint)
    return aws.Provider("aws", **provider_inputs(account))


def account_id(of: aws.Provider) -> str:
    """The account's number. Raises NotReached, before anything is registered, without access."""
    try:
        return aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=of)).account_id
    except Exception as error:
        raise NotReached(
            f"AWS does not accept the credentials of this environment ({error}). Set AWS_PROFILE, "
            "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or renew them, and run again"
        ) from None
