"""A proxy that leads to a simulated Azure whoever cannot be told another address of it.

with AzureSubscription() as subscription, AzureProxy(subscription.address) as proxy:
    subprocess.run(["packer", "build", ...], env={**env, **proxy.env})

It knows the names of azure_hosts.py and refuses all others, so that nothing gets out.
"""

from tests.simulators.azure.hosts import is_served
from tests.simulators.connect_proxy import ConnectProxy


class AzureProxy(ConnectProxy):
    def __init__(self, address: str) -> None:
        super().__init__(address, is_served)
