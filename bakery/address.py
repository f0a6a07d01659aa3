"""The address under which clouds see this machine."""

from ipaddress import IPv4Address
from urllib.error import URLError
from urllib.request import urlopen

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from images.errors import BakeryError

#: Amazon's answer to that question; Packer asks there too.
_URL = "https://checkip.amazonaws.com"


def own_network(key: str) -> str:
    """This machine's address as a network of one.

    Raises BakeryError where nobody tells it; `key` is that of the configuration that would.
    """
    try:
        return f"{IPv4Address(_ask())}/32"
    except (URLError, TimeoutError, ValueError) as error:
        raise BakeryError(
            f"{_URL} does not tell this machine's address ({error}); say from where the machine is "
            f"reached: dstack-images:{key}"
        ) from None


@retry(
    retry=retry_if_exception_type((URLError, TimeoutError)),
    stop=stop_after_attempt(3),
    wait=wait_exponential(max=5),
    reraise=True,
)
def _ask() -> str:
    with urlopen(_URL, timeout=10) as answer:
        return answer.read(64).decode().strip()
