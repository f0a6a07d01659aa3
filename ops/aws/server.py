"""What dstack's servers do on AWS: ops/servers.py names the source."""

from ops.servers import Rule, ServerFacts

_DLAMI = (
    "Amazon's newest “Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04)”, "
    "owner 898082745236"
)
_REGIONS = """
ap-southeast-1 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 us-east-1
us-east-2 us-west-1 us-west-2
"""

SERVER = ServerFacts(
    name="AWS",
    command="aws ec2 run-instances --region {region} --image-id {id} --instance-type t3.medium",
    rules=(
        Rule(
            "aws",
            r"^(p[2-9]|g[3-9]|gr6|trn|inf)|A10G|H100|H200|A100|L40S|L4|T4|B200|V100",
            "with a GPU",
            "g5.xlarge",
            external=_DLAMI,
        ),
        Rule("aws", "", "without a GPU", "m5.large", "cpu"),
    ),
    regions=_REGIONS.split(),
    machines={"cpu": "without a GPU", "cuda": "none: with a GPU, servers boot Amazon's image"},
)
