"""An AWS account for tests: a moto server, started once and emptied between tests.

    with MotoAccount() as account:
        account.client("ec2", "eu-west-1").describe_images(Owners=["self"])

What Packer makes, what Pulumi's simulated provider makes and what boto3 lists here are one
account. It has two public images of Ubuntu 24.04, the same in every region: see `source_ami`.
"""

import json
import os
import subprocess
import sys
import urllib.request
from typing import Any, Self

import boto3
from botocore.config import Config

from tests.engine.literal_pulumi import CHECKOUT
from tests.simulators.aws import PUBLIC_AMIS
from tests.simulators.aws.moto_time import path_of

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
ACCOUNT_ID = "123456789012"
# Those that the simulated provider and the tests use; more do no harm.
SERVICES = ("ec2", "s3", "iam", "sts", "ssm")
PATIENCE_SECONDS = 60


class MotoAccount:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulators.aws.moto_process"],
            cwd=CHECKOUT,
            env={**os.environ, **CREDENTIALS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.address = f"http://127.0.0.1:{self._port()}"
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()

    def reset(self) -> None:
        """Back to an account in which nothing was ever made."""
        self._request("/moto-api/reset", "POST")

    def make_deprecated(self, region: str, ami: str) -> None:
        """Time passes: the day is over from which the AMI is deprecated."""
        self._request(path_of(region, ami), "POST")

    # What a test needs of it

    @property
    def env(self) -> dict[str, str]:
        """Credentials for the processes that work in the account."""
        return dict(CREDENTIALS)

    @property
    def endpoints(self) -> list[dict[str, str]]:
        """What the provider's `endpoints` has to be."""
        return [dict.fromkeys(SERVICES, self.address)]

    @property
    def endpoints_json(self) -> str:
        """The same for `pulumi config set aws:endpoints`."""
        return json.dumps(self.endpoints)

    @property
    def source_ami(self) -> str:
        """The newest public Ubuntu, in each region."""
        images: list[dict[str, Any]] = json.loads(PUBLIC_AMIS.read_text())
        return max(images, key=lambda image: image["creation_date"])["ami_id"]

    def client(self, service: str, region: str = "us-east-1") -> Any:
        # As text: the type stubs know each service's name, a variable is not one of them.
        make: Any = boto3.client
        return make(
            service,
            region_name=region,
            endpoint_url=self.address,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    # Starting

    def _port(self) -> int:
        """Where it listens, which it says once it does."""
        assert self._process.stdout is not None
        with self._process.stdout as said:
            return int(said.readline())

    def _request(self, path: str, method: str) -> None:
        request = urllib.request.Request(self.address + path, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):
            return
