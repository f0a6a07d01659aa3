"""What dstack's servers do on Azure: ops/servers.py names the source."""

from config.azure import SERVED
from ops.servers import OLD_GPU, Rule, ServerFacts

SERVER = ServerFacts(
    name="Azure",
    command="az vm create --resource-group GROUP --name try --location {region} --image {id}",
    rules=(
        Rule("azure", r"_A10_v5|\bA10\b", "with an A10", "Standard_NV36ads_A10_v5", "grid"),
        Rule(
            "azure",
            rf"{OLD_GPU}|_NC\d+s_v3",
            "with a GPU older than Turing",
            "Standard_NC6s_v3",
            external="dstack-cuda-0.10 of dstack's gallery, which stays as it is",
        ),
        Rule(
            "azure",
            r"_N[CDV]|A100|H100|H200|T4",
            "with another GPU",
            "Standard_NC4as_T4_v3",
            "cuda",
        ),
        Rule("azure", "", "without a GPU", "Standard_D2s_v6", "cpu"),
    ),
    regions=sorted(SERVED),
    machines={"cpu": "without a GPU", "cuda": "with a GPU, but no A10", "grid": "with an A10"},
)
