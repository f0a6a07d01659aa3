"""The AWS account that all models talk to: moto, at the addresses the provider is given."""

import os
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.values import Properties

# The access key of a session that has ended.
EXPIRED = "EXPIRED"


class Account:
    def __init__(self) -> None:
        self.region = ""
        self.default_tags: dict[str, str] = {}
        self._endpoints: dict[str, str] = {}
        self._key = self._secret = ""
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def refusals(self, config: Properties) -> Iterator[str]:
        """Credentials are tried out before there is a provider, unless it is told not to.

        pulumi-aws, provider/resources.go, `preConfigureCallback` and `validateCredentials`, which
        Pulumi's Terraform bridge runs in `CheckConfig` (pkg/tfbridge/provider.go).
        """
        if config.get("skipCredentialsValidation"):
            return
        key, _ = _credentials(config)
        if not key:
            yield "No valid credential sources found"
        elif key == EXPIRED:
            yield "unable to validate AWS credentials. Details: ExpiredToken"

    def configure(self, config: Properties) -> None:
        self.region = config.get("region") or os.environ.get("AWS_REGION", "")
        if not self.region:
            raise CloudError("missing region configuration: set aws:region or AWS_REGION")
        self._key, self._secret = _credentials(config)
        if not self._key or not self._secret:
            raise CloudError("No valid credential sources found")
        for endpoints in config.get("endpoints", []):
            self._endpoints.update(endpoints)
        self.default_tags = config.get("defaultTags", {}).get("tags", {})

    @cached_property
    def number(self) -> str:
        return self.client("sts").get_caller_identity()["Account"]

    def client(self, service: str, region: str | None = None) -> Any:
        if self._key == EXPIRED:
            raise CloudError("ExpiredToken: The security token included in the request is expired")
        if service not in self._endpoints:
            raise CloudError(
                f"no endpoint for {service} is configured: the simulated aws reaches no real one"
            )
        wanted = (service, region or self.region)
        # The default session's, which may know services already; any would do.
        make: Any = boto3.client
        # Making a client is not safe in threads, using it is.
        with self._lock:
            if wanted not in self._clients:
                self._clients[wanted] = make(
                    service,
                    region_name=wanted[1],
                    endpoint_url=self._endpoints[service],
                    aws_access_key_id=self._key,
                    aws_secret_access_key=self._secret,
                    config=Config(
                        max_pool_connections=50,
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                    ),
                )
        return self._clients[wanted]


def _credentials(config: Properties) -> tuple[str, str]:
    return (
        config.get("accessKey") or os.environ.get("AWS_ACCESS_KEY_ID", ""),
        config.get("secretKey") or os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
    )


@contextmanager
def refusals() -> Generator[None]:
    """What AWS refuses, said the way the provider says it."""
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        raise CloudError(
            f"operation error {error.operation_name}, api error "
            f"{details.get('Code')}: {details.get('Message')}"
        ) from error


def is_absent(error: ClientError) -> bool:
    """Whether AWS says that there is no such thing (any more)."""
    code = error.response.get("Error", {}).get("Code", "")
    return "NotFound" in code or "NoSuch" in code or code in ("404", "InvalidAMIID.Unavailable")
