"""Names of the places in which stacks keep documents about content, the same at every `up`."""

import hashlib

from images.labels import label

#: Of the container in a stack's account on Azure.
AZURE_CONTAINER = "records"
#: Names of storage accounts are everybody's: 3 to 24 lower-case letters and digits.
_ACCOUNT, _LONGEST = "dstackimages", 24


def aws_bucket(stack: str, account: str) -> str:
    """A stack's bucket in an account."""
    return f"dstack-images-{stack}-{account}"


def azure_account(stack: str, subscription: str) -> str:
    """A stack's storage account in a subscription."""
    digest = hashlib.sha256(f"{subscription}/{stack}".encode()).hexdigest()
    return f"{_ACCOUNT}{digest}"[:_LONGEST]


def gcp_bucket(stack: str, project: str) -> str:
    """A stack's bucket of a project."""
    return f"dstack-images-{label(stack)}-{project}"
