"""Regions that exist, so that a misspelt one is told before anything runs.

Clouds open new ones at any time: one of a right shape that is not listed is a doubt, no mistake.

Sources, as of 2026: AWS "Regions and Zones"; Azure "List of Azure regions"; Compute Engine
"Regions and zones"; OCI "Regions and Availability Domains". GCP images are global: the list is
what a region of a build zone or a storage location may be.
"""

import re
from difflib import get_close_matches

from images.catalog import Cloud

_AWS = """
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1
ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5
ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1
eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1
sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
"""

_AZURE = """
australiacentral australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth
canadacentral canadaeast centralindia centralus chilecentral eastasia eastus eastus2
francecentral germanywestcentral indonesiacentral israelcentral italynorth japaneast
japanwest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth
northcentralus northeurope norwayeast polandcentral qatarcentral southafricanorth
southcentralus southeastasia southindia spaincentral swedencentral switzerlandnorth
uaenorth uksouth ukwest westcentralus westeurope westindia westus westus2 westus3
"""

_GCP = """
africa-south1 asia asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3
asia-south1 asia-south2 asia-southeast1 asia-southeast2 australia-southeast1
australia-southeast2 eu europe-central2 europe-north1 europe-north2 europe-southwest1
europe-west1 europe-west10 europe-west12 europe-west2 europe-west3 europe-west4
europe-west6 europe-west8 europe-west9 me-central1 me-central2 me-west1
northamerica-northeast1 northamerica-northeast2 northamerica-south1 southamerica-east1
southamerica-west1 us us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2
us-west3 us-west4
"""

_OCI = """
af-johannesburg-1 ap-batam-1 ap-chuncheon-1 ap-hyderabad-1 ap-melbourne-1 ap-mumbai-1
ap-osaka-1 ap-seoul-1 ap-singapore-1 ap-singapore-2 ap-sydney-1 ap-tokyo-1 ca-montreal-1
ca-toronto-1 eu-amsterdam-1 eu-frankfurt-1 eu-madrid-1 eu-marseille-1 eu-milan-1
eu-paris-1 eu-stockholm-1 eu-zurich-1 il-jerusalem-1 me-abudhabi-1 me-dubai-1 me-jeddah-1
me-riyadh-1 mx-monterrey-1 mx-queretaro-1 sa-bogota-1 sa-santiago-1 sa-saopaulo-1
sa-valparaiso-1 sa-vinhedo-1 uk-cardiff-1 uk-london-1 us-ashburn-1 us-chicago-1
us-phoenix-1 us-sanjose-1
"""


REGIONS: dict[Cloud, frozenset[str]] = {
    "local": frozenset(),
    "aws": frozenset(_AWS.split()),
    "azure": frozenset(_AZURE.split()),
    "gcp": frozenset(_GCP.split()),
    "oci": frozenset(_OCI.split()),
}


#: How regions are written, from those that exist.
_SHAPES: dict[Cloud, re.Pattern[str]] = {
    "aws": re.compile(r"[a-z]{2}(-[a-z]+)+-\d"),
    "azure": re.compile(r"[a-z]+\d?"),
    "gcp": re.compile(r"[a-z]+(-[a-z]+\d+)?"),
    "oci": re.compile(r"[a-z]{2}-[a-z]+-\d"),
}


def could_be(cloud: Cloud, name: str) -> bool:
    """Whether the cloud has such a region, or may have opened it."""
    return name in REGIONS[cloud] or _SHAPES[cloud].fullmatch(name) is not None


def doubt(cloud: Cloud, name: str) -> str | None:
    """What is to be said of a region that was not there when this list was written."""
    if name in REGIONS[cloud]:
        return None
    near = get_close_matches(name, sorted(REGIONS[cloud]), n=1)
    meant = f"; if it is misspelt, {near[0]} is meant" if near else ""
    return f"{cloud} is not known to have a region {name}, which may be new{meant}"


def plain_region(name: str) -> str:
    """A region of Azure as configuration has it: Azure itself answers with `West Europe` too."""
    return name.replace(" ", "").lower()
