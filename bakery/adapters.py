"""What knows a target's cloud. Loaded one by one: the packages of all clouds would take seconds."""

from bakery.adapter import Adapter
from bakery.progress import Progress
from bakery.publication_checks import PublicationChecks
from images.aws import AwsTarget
from images.azure import AzureTarget
from images.clouds import Target
from images.errors import BakeryError
from images.gcp import GcpTarget
from images.local import LocalTarget
from images.oci import OciTarget


def adapter_of(target: Target, stack: str, progress: Progress) -> Adapter:
    """Finds, prepares and keeps bakes there, for the stack. Says what it has to wait for."""
    match target:
        case LocalTarget():
            from bakery.local.adapter import Local

            return Local(target)
        case AwsTarget():
            from bakery.aws.adapter import Aws

            return Aws(target, stack)
        case AzureTarget():
            from bakery.azure.adapter import Azure

            return Azure(target, stack, progress)
        case GcpTarget():
            from bakery.gcp.adapter import Gcp

            return Gcp(target, stack)
        case OciTarget():
            from bakery.oci.adapter import Oci

            return Oci(target, stack)


def publication_checks_of(target: Target, progress: Progress) -> PublicationChecks:
    """Looks before and after publications there. Says what it has to wait for."""
    match target:
        case LocalTarget():
            raise BakeryError("on this machine `publish` looks for itself")
        case AwsTarget():
            from bakery.aws.publication_checks import AwsPublicationChecks

            return AwsPublicationChecks(target)
        case AzureTarget():
            from bakery.azure.publication_checks import AzurePublicationChecks

            return AzurePublicationChecks(target, progress)
        case GcpTarget():
            from bakery.gcp.publication_checks import GcpPublicationChecks

            return GcpPublicationChecks(target)
        case OciTarget():
            from bakery.oci.publication_checks import OciPublicationChecks

            return OciPublicationChecks(target)
