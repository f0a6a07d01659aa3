"""Oracle's clients, the key they sign with, and their errors in words."""

# Oracle's library has no types: what it answers are its own models.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportAttributeAccessIssue=false

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import oci
from tenacity import Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random_exponential

from images.errors import BakeryError
from images.oci_key_file import VARIABLE, key_file

library: Any = oci
#: Seconds for which what passes is asked again.
PATIENCE = 120.0
_PROFILE = "DEFAULT"
#: The state of an image has changed a moment ago, or another change of it goes on.
_PASSES = ("IncorrectState", "TooManyRequests")


@dataclass(frozen=True)
class Access:
    """A person's or a workflow's key, as the profile DEFAULT of a file has it."""

    file: Path
    config: dict[str, Any]

    @property
    def tenancy(self) -> str:
        return str(self.config["tenancy"])

    @cached_property
    def signer(self) -> Any:
        """Return all clients' signer: reading and checking a key takes longer than most calls."""
        return library.signer.Signer(
            self.config["tenancy"],
            self.config["user"],
            self.config["fingerprint"],
            private_key_file_location=self.config.get("key_file"),
            pass_phrase=self.config.get("pass_phrase"),
            private_key_content=self.config.get("key_content"),
        )


def access() -> Access:
    """The key of the environment, which Pulumi's provider and Packer use too.

    Raises UserError where there is none, or two, or a token of a session, with which Oracle
    neither exports nor imports by bucket ("Image Import/Export").
    """
    file = key_file()
    try:
        config = library.config.from_file(str(file), _PROFILE)
        if config.get("security_token_file"):
            raise BakeryError(
                f"{file} has the token of a session, with which Oracle Cloud does not export "
                "images to a bucket; use an API key: docs/oci.md says how"
            )
        library.config.validate_config({**config, "region": config.get("region", "none")})
    except (
        library.exceptions.ConfigFileNotFound,
        library.exceptions.ProfileNotFound,
        library.exceptions.InvalidConfig,
        library.exceptions.InvalidKeyFilePath,
    ) as error:
        raise BakeryError(
            f"there is no usable key for Oracle Cloud in {file} ({error}); `oci setup config` "
            f"makes one, {VARIABLE} names another file"
        ) from None
    return Access(file, config)


def compute(access: Access, region: str) -> Any:
    """Machines and images."""
    return _client(library.core.ComputeClient, access, region)


def work_requests(access: Access, region: str) -> Any:
    """What Compute does for longer."""
    return _client(library.work_requests.WorkRequestClient, access, region)


def storage(access: Access, region: str) -> Any:
    """Buckets."""
    return _client(library.object_storage.ObjectStorageClient, access, region)


def marketplace(access: Access, region: str) -> Any:
    """Publications and listings."""
    return _client(library.marketplace.MarketplaceClient, access, region)


def identity(access: Access, region: str) -> Any:
    """The tenancy: its regions and domains."""
    return _client(library.identity.IdentityClient, access, region)


def limits(access: Access, region: str) -> Any:
    """How much more of something there may be."""
    return _client(library.limits.LimitsClient, access, region)


def _client(kind: Any, access: Access, region: str) -> Any:
    return kind(
        {**access.config, "region": region},
        signer=access.signer,
        # `ask` asks again, in words that are ours.
        retry_strategy=library.retry.NoneRetryStrategy(),
        circuit_breaker_strategy=library.circuit_breaker.NoCircuitBreakerStrategy(),
    )


def ask(call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """What Oracle answers. What passes is asked again with growing pauses.

    Raises what the library raises.
    """
    asking = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_delay(PATIENCE),
        wait=wait_random_exponential(multiplier=0.5, max=15),
        reraise=True,
    )
    return asking(call, *args, **more)


def once() -> dict[str, str]:
    """Return what makes a request one that `ask` repeats and Oracle does no more than once.

    Another for each request that is meant: Oracle refuses a token whose thing is gone already
    ("opc-retry-token" in the API references).
    """
    return {"opc_retry_token": uuid.uuid4().hex}


def find(call: Callable[..., Any], *args: Any, **more: Any) -> Any | None:
    """The same; None if it is not there, or nobody here may see it: Oracle does not tell which."""
    try:
        return ask(call, *args, **more)
    except library.exceptions.ServiceError as error:
        if error.status == 404:
            return None
        raise


def every(call: Callable[..., Any], *args: Any, **more: Any) -> Iterator[Any]:
    """All that is listed, page by page. A page may be empty while more follow."""
    page: str | None = None
    while True:
        answer = ask(call, *args, **more, **({"page": page} if page else {}))
        yield from answer.data
        page = answer.next_page if answer.has_next_page else None
        if page is None:
            return


def _passes(error: BaseException) -> bool:
    if isinstance(error, library.exceptions.ServiceError):
        told: Any = error
        return told.status >= 500 or told.status == 429 or told.code in _PASSES
    return isinstance(error, library.exceptions.RequestException)


@contextmanager
def translate_errors(where: str) -> Generator[None]:
    """Turns what Oracle refuses into a BakeryError that says what can be done."""
    try:
        yield
    except library.exceptions.ServiceError as error:
        raise BakeryError(f"{where}: {_words(error)}") from None
    except library.exceptions.RequestException as error:
        raise BakeryError(f"{where}: Oracle Cloud does not answer: {error}") from None
    except (
        library.exceptions.InvalidPrivateKey,
        library.exceptions.MissingPrivateKeyPassphrase,
    ) as error:
        raise BakeryError(f"the key for Oracle Cloud cannot be read: {error}") from None


def _words(error: Any) -> str:
    told = f"{error.status} {error.code}: {error.message}"
    if error.status == 401:
        return (
            f"Oracle Cloud does not know this key ({told}); look at the user's API keys, and "
            "whether the tenancy is subscribed to the region"
        )
    if error.status == 404:
        return (
            f"it is not there, or these credentials may not see it ({told}); docs/oci.md says "
            "which policies are needed and why"
        )
    return told
