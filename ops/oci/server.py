"""What dstack's servers do on Oracle Cloud: ops/servers.py names the source."""

from ops.servers import Rule, ServerFacts

_REGIONS = """
eu-frankfurt-1 eu-milan-1 me-dubai-1 uk-london-1 us-ashburn-1 us-chicago-1 us-phoenix-1
"""

SERVER = ServerFacts(
    name="Oracle Cloud",
    command=(
        "oci compute instance launch --region {region} --image-id {id} --shape VM.Standard2.1 "
        "--compartment-id COMPARTMENT --availability-domain DOMAIN --subnet-id SUBNET"
    ),
    rules=(
        Rule("oci", r"GPU|A10", "with a GPU", "VM.GPU.A10.1", "cuda"),
        Rule("oci", "", "without a GPU", "VM.Standard2.1", "cpu"),
    ),
    regions=_REGIONS.split(),
    machines={"cpu": "without a GPU", "cuda": "with a GPU"},
)
