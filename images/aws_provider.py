"""How Pulumi's provider of AWS is set up: the program makes it, and `ops adopt` writes it down."""

from typing import Any

from images.aws import AwsAccount

_SERVICES = ("ec2", "iam", "s3", "ssm", "sts")


def provider_inputs(of: AwsAccount) -> dict[str, Any]:
    """Return the inputs, by the names of its SDK for Python.

    It would try its credentials out before it is made, and a provider that cannot be made ends the
    program for every cloud (pulumi-aws, provider/resources.go, `preConfigureCallback`). Whoever
    makes it tries them out.
    """
    inputs = {"region": of.region, "skip_credentials_validation": True}
    if of.endpoint is None:
        return inputs
    return {
        **inputs,
        "endpoints": [dict.fromkeys(_SERVICES, of.endpoint)],
        "s3_use_path_style": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
    }
