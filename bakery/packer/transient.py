"""Failures that pass by themselves: these are tried again, anything else fails at once."""

import re

#: No such application, no such secret, no principal of it: where Azure does not know them yet.
NEW_PRINCIPAL = r"AADSTS(700016|7000215|7000229)\b"

_SIGNS = re.compile(
    "|".join(
        (
            # Cloud APIs
            r"RequestLimitExceeded|Throttling|TooManyRequests|rate limit exceeded",
            r"RateLimitExceeded|ServiceUnavailable|InternalServerError|RetryableError",
            # Places without machines for now
            r"ZONE_RESOURCE_POOL_EXHAUSTED|InsufficientInstanceCapacity|AllocationFailed",
            # Oracle's words for the same, and for an image while another change of it goes on
            r"Out of host capacity|Conflict with another image operation|IncorrectState",
            # A machine of Oracle's that still says it runs when it is ended: Packer gives up
            r"Error terminating instance\. Please terminate manually",
            # A service principal that is new, and not known everywhere yet
            NEW_PRINCIPAL,
            # Package mirrors, as apt says it
            r"Could not get lock|Hash Sum mismatch|File has unexpected size",
            r"Temporary failure resolving|Connection (timed out|reset by peer)",
            r"503\s+Service Unavailable|502\s+Bad Gateway|TLS handshake timeout",
            # A machine that took the connection, and then hung
            r"Timeout during SSH handshake",
        )
    ),
    re.IGNORECASE,
)


def transient_sign(text: str) -> str | None:
    """The first sign in the text that trying again is worth while."""
    found = _SIGNS.search(text)
    return found and found[0]
