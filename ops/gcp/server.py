"""What dstack's servers do on Google Cloud: ops/servers.py names the source."""

from ops.servers import COS, OLD_GPU, Rule, ServerFacts

SERVER = ServerFacts(
    name="Google Cloud",
    command=(
        "gcloud compute instances create try --zone us-central1-a "
        "--image-project {project} --image {name}"
    ),
    rules=(
        Rule(
            "gcp", r"a3-megagpu", "A3 Mega", "a3-megagpu-8g", external="dstack-a3mega-5 of dstack"
        ),
        Rule("gcp", r"a3-(high|edge)gpu", "A3 High and A3 Edge", "a3-highgpu-8g", external=COS),
        Rule(
            "gcp",
            r"tpu|\bv[2-6]",
            "TPU",
            "v5litepod-8",
            external="no VM image: a TPU's own runtime",
        ),
        Rule(
            "gcp",
            OLD_GPU,
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
    ),
    regions=["global"],
    machines={"cpu": "without a GPU", "cuda": "with a GPU, but no A3", "a3mega": "a3-megagpu-8g"},
)
