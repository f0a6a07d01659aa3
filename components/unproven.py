"""Which names nothing holds to their content, although the stack is immutable."""

from components.own_outputs import own_outputs
from config.stack import Stack
from images.contract_reader import read_outputs


def unproven(stack: Stack) -> frozenset[str]:
    """Return names whose content was baked, but did not pass its verification: it is published
    nowhere, and a mended step may bake other content for them.

    By what the last update has said in the contract; what it could not say counts as published.
    """
    contract = read_outputs(own_outputs(stack).get("contract")) if stack.immutable else None
    return frozenset(
        image.name
        for release in (contract.releases if contract else ())
        for image in release.images
        if image.content and not image.verification and not image.found
    )
