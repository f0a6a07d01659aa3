"""Tags on everything that is made in a cloud: so that it is found again, and known for what it is.

Only lower-case letters and dashes, since Compute Engine takes nothing else in the key of a label.
"""

from collections.abc import Mapping

#: The stack that made it.
STACK = "dstack-stack"
#: Name of the bake that it belongs to.
BAKE = "dstack-bake"
#: Content address of the bake, whole.
DIGEST = "dstack-digest"
VARIANT = "dstack-variant"
#: The release that content was published under.
RELEASE = "dstack-release"
#: On a publication of Oracle's Marketplace: the image that it is of.
IMAGE = "dstack-image"
#: On machines and what belongs to them: when nobody can be working with it any more, in seconds
#: since 1970.
EXPIRES = "dstack-expires"
#: On machines and what belongs to them: the machine that drives the run.
RUN_OWNER = "dstack-run-owner"
#: Where the record of a bake begins; the numbers of its parts come behind it.
RECORD = "dstack-record"
#: The same for the record of its verification.
VERIFICATION = "dstack-verification"


def whose(tags: Mapping[str, str]) -> str:
    """The owner of something with these tags, in words."""
    owner = tags.get(STACK)
    return f"the stack {owner}" if owner else "no stack"
