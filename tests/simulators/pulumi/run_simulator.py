"""The process of one simulated provider: `run_simulator.py <package> [<the engine's address>]`."""

import importlib
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # A script finds modules in its own folder; these are named from the checkout.
    sys.path[0] = str(Path(__file__).resolve().parents[3])

from tests.simulators.pulumi.plugin import run

# Set for every process that the engine starts; see simulated_clouds.SimulatedClouds.env.
STORE = "SIMULATED_CLOUDS"
#: The simulated provider of each package.
PROVIDERS = {
    "aws": "aws.provider",
    "azure-native": "azure.native",
    "azuread": "azure.azuread",
    "gcp": "gcp.provider",
    "oci": "oci.provider",
}


def main() -> None:
    package, *rest = sys.argv[1:]
    addresses = [argument for argument in rest if not argument.startswith("-")]
    folder = os.environ.get(STORE)
    if not folder:
        sys.exit(f"{STORE} names no folder: simulated clouds are for tests only")
    cloud = importlib.import_module(f"tests.simulators.{PROVIDERS[package]}.cloud")
    run(cloud.CLOUD, Path(folder), addresses[0] if addresses else "")


if __name__ == "__main__":
    main()
