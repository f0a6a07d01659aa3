"""Between Pulumi's names and the service's: `sseAlgorithm` and `SSEAlgorithm`."""

from typing import Any

# Those that are more than a capital letter.
IRREGULAR = {
    "id": "ID",
    "kmsMasterKeyId": "KMSMasterKeyID",
    "sseAlgorithm": "SSEAlgorithm",
}
REGULAR = {theirs: ours for ours, theirs in IRREGULAR.items()}


def to_api(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            IRREGULAR.get(name, name[:1].upper() + name[1:]): to_api(entry)
            for name, entry in value.items()
        }
    return [to_api(entry) for entry in value] if isinstance(value, list) else value


def from_api(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            REGULAR.get(name, name[:1].lower() + name[1:]): from_api(entry)
            for name, entry in value.items()
        }
    return [from_api(entry) for entry in value] if isinstance(value, list) else value


def covers(found: Any, wanted: Any) -> bool:
    """Whether all that was asked for is there; a service adds what it takes for granted."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and covers(found[name], entry) for name, entry in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(map(covers, found, wanted))
        )
    return found == wanted
