"""What a dstack server would boot: its rules for machines, and images of others that it names.

Source: dstack's releases 0.21.2 to 0.22.5, `core/backends/*/compute.py` and `resources.py`; legacy
GPUs and regions: the same releases' `core/consts.py` and configurators. First match counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from config.azure import SERVED
from images.catalog import Cloud


@dataclass(frozen=True)
class Rule:
    """Machines whose type matches a pattern (of Python and JavaScript, in any case) get an image.

    `variant` of ours, or else `external`, which is an image of somebody else.
    """

    cloud: Cloud
    pattern: str
    machines: str
    example: str
    variant: str | None = None
    external: str | None = None


@dataclass(frozen=True)
class Server:
    """Releases of dstack that boot the same images when nothing else is said.

    `cos`: Google's image for A3 High and A3 Edge.
    """

    versions: str
    release: str
    cos: str


SERVERS = (
    Server("0.22.2 to 0.22.5", "0.14", "family cos-121-lts of cos-cloud"),
    Server("0.21.2 to 0.22.0", "0.14", "cos-105-17412-535-78 of cos-cloud"),
)

_DLAMI = (
    "Amazon's newest “Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04)”, "
    "owner 898082745236"
)
#: Stands for what the server's release says.
COS = "cos"
_OLD_GPU = r"V100|P100|P40|\bP4\b|M60|M40|\bM4\b|K80|K40|K20"

RULES = (
    Rule(
        "aws",
        r"^(p[2-9]|g[3-9]|gr6|trn|inf)|A10G|H100|H200|A100|L40S|L4|T4|B200|V100",
        "with a GPU",
        "g5.xlarge",
        external=_DLAMI,
    ),
    Rule("aws", "", "without a GPU", "m5.large", "cpu"),
    Rule("azure", r"_A10_v5|\bA10\b", "with an A10", "Standard_NV36ads_A10_v5", "grid"),
    Rule(
        "azure",
        rf"{_OLD_GPU}|_NC\d+s_v3",
        "with a GPU older than Turing",
        "Standard_NC6s_v3",
        external="dstack-cuda-0.10 of dstack's gallery, which stays as it is",
    ),
    Rule("azure", r"_N[CDV]|A100|H100|H200|T4", "with another GPU", "Standard_NC4as_T4_v3", "cuda"),
    Rule("azure", "", "without a GPU", "Standard_D2s_v6", "cpu"),
    Rule("gcp", r"a3-megagpu", "A3 Mega", "a3-megagpu-8g", external="dstack-a3mega-5 of dstack"),
    Rule("gcp", r"a3-(high|edge)gpu", "A3 High and A3 Edge", "a3-highgpu-8g", external=COS),
    Rule("gcp", r"tpu|\bv[2-6]", "TPU", "v5litepod-8", external="no VM image: a TPU's own runtime"),
    Rule(
        "gcp",
        _OLD_GPU,
        "with a GPU older than Turing",
        "V100",
        external="dstack-cuda-0-10 of dstack, which stays as it is",
    ),
    Rule(
        "gcp",
        r"^(a[2-9]|g[2-9])-|A100|H100|H200|B200|L4|T4|RTX",
        "with another GPU",
        "g2-standard-4",
        "cuda",
    ),
    Rule("gcp", "", "without a GPU", "e2-standard-4", "cpu"),
    Rule("oci", r"GPU|A10", "with a GPU", "VM.GPU.A10.1", "cuda"),
    Rule("oci", "", "without a GPU", "VM.Standard2.1", "cpu"),
)

_AWS = """
ap-southeast-1 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 us-east-1
us-east-2 us-west-1 us-west-2
"""
_OCI = """
eu-frankfurt-1 eu-milan-1 me-dubai-1 uk-london-1 us-ashburn-1 us-chicago-1 us-phoenix-1
"""
#: Where servers look for images. Google's are global.
REGIONS: dict[Cloud, Sequence[str]] = {
    "aws": _AWS.split(),
    "azure": sorted(SERVED),
    "gcp": ["global"],
    "oci": _OCI.split(),
}

CLOUD_NAMES: dict[Cloud, str] = {
    "aws": "AWS",
    "azure": "Azure",
    "gcp": "Google Cloud",
    "oci": "Oracle Cloud",
    "local": "this machine",
}
