"""Waits until Azure knows who bakes, and what they may do.

A service principal, its secret and anybody's roles are known some minutes after they were made,
and not everywhere at once ("Troubleshoot Azure RBAC": up to 10 minutes).
"""

import re

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_exponential

from bakery.azure import clients
from bakery.azure.source import resolved
from bakery.packer.transient import NEW_PRINCIPAL
from bakery.progress import Progress
from images.azure import AzureTarget

#: Seconds.
_PATIENCE = 900.0
_LONGEST_PAUSE = 15.0


def wait_until_effective(target: AzureTarget, progress: Progress) -> None:
    """Looks at what every run needs, the groups and the marketplace, until it may.

    Does nothing where the stack has not given whoever bakes their rights: what is refused to others
    is refused for good. Raises BakeryError.
    """

    def say(state: RetryCallState) -> None:
        if state.attempt_number == 1:
            progress.say("Azure does not know everywhere yet who may bake: waiting")

    if not target.fresh_identity:
        return
    looking = Retrying(
        retry=retry_if_exception(_is_not_yet),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_exponential(max=_LONGEST_PAUSE),
        before_sleep=say,
        reraise=True,
    )
    with clients.translate_errors(f"looking at {target.group}"):
        looking(_look, target)


def _is_not_yet(error: BaseException) -> bool:
    """Whether it is what a principal hears that was made a moment ago."""
    if isinstance(error, ClientAuthenticationError):
        return re.search(NEW_PRINCIPAL, str(error)) is not None
    return isinstance(error, HttpResponseError) and error.status_code == 403


def _look(target: AzureTarget) -> None:
    groups = clients.resources(target).resource_groups
    for group in sorted({target.group, target.build_group, target.publication}):
        groups.get(group)
    resolved(target, target.location, target.source)
