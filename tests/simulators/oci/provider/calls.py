"""Oracle's clients, as the provider configures them: a region, and the key of the environment."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import oci

from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.values import Properties

_IDENTITY = ("tenancy", "user", "fingerprint", "key_file")


@cache
def _signer(*identity: str) -> Any:
    """A key is read and checked longer than most calls take."""
    return oci.signer.Signer(*identity)


class Calls:
    def __init__(self) -> None:
        self.region = ""

    def configure(self, config: Properties) -> None:
        self.region = config.get("region") or os.environ.get("OCI_REGION", "")

    def compute(self) -> Any:
        return self.client(oci.core.ComputeClient)

    def client(self, kind: Any, region: str | None = None) -> Any:
        """Raises CloudError as the provider words it.

        What the environment names is for where there is no ~/.oci/config (terraform-provider-oci,
        provider.go, over oci-go-sdk, common/client.go, getDefaultConfigFilePath).
        """
        file = Path("~/.oci/config").expanduser()
        if not file.exists():
            file = Path(os.environ.get("OCI_CONFIG_FILE") or file)
        try:
            config = oci.config.from_file(str(file))
        except (oci.exceptions.ConfigFileNotFound, oci.exceptions.InvalidConfig):
            raise CloudError(
                "can not create client, bad configuration: did not find a proper configuration for "
                "tenancy"
            ) from None
        never = oci.circuit_breaker.NoCircuitBreakerStrategy()
        return kind(
            {**config, "region": region or self.region},
            signer=_signer(*(config[name] for name in _IDENTITY)),
            retry_strategy=oci.retry.NoneRetryStrategy(),
            circuit_breaker_strategy=never,
        )

    def ask(self, call: Any, *args: Any, **more: Any) -> Any:
        """Raises Absent, and CloudError as the provider words it."""
        try:
            return call(*args, **more)
        except oci.exceptions.ServiceError as error:
            told: Any = error
            if told.status == 404:
                raise Absent(told.message) from None
            raise CloudError(f"{told.status}-{told.code}, {told.message}") from None
