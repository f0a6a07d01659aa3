"""What a dstack server would boot: its rules for machines, and images of others that it names.

Source: dstack's releases 0.21.2 to 0.22.5, `core/backends/*/compute.py` and `resources.py`; legacy
GPUs and regions: the same releases' `core/consts.py` and configurators. First match counts.
"""

from dataclasses import dataclass

from images.catalog import CLOUDS, Cloud
from ops.clouds import server_facts
from ops.servers import ServerFacts


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

_FACTS: dict[Cloud, ServerFacts] = {cloud: server_facts(cloud) for cloud in CLOUDS}
RULES = tuple(rule for facts in _FACTS.values() for rule in facts.rules)
#: Where servers look for images. Google's are global.
REGIONS = {cloud: facts.regions for cloud, facts in _FACTS.items() if facts.regions}
CLOUD_NAMES = {cloud: facts.name for cloud, facts in _FACTS.items()}
