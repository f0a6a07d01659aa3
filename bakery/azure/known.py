"""Waits until Azure knows who bakes.

A service principal, its secret and its roles are known some minutes after they were made, and not
everywhere at once ("Troubleshoot Azure RBAC": up to 10 minutes).
"""

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_exponential

from bakery.azure import clients, records
from bakery.progress import Progress
from images.targets import AzureTarget

#: Seconds.
_PATIENCE = 900.0
_LONGEST_PAUSE = 15.0
#: No such application, no such secret, no principal of the application: here, not yet.
_NOT_YET = ("AADSTS700016", "AADSTS7000215", "AADSTS7000229")


def await_known(target: AzureTarget, progress: Progress) -> None:
    """Looks at what every run needs, the groups and the records, until it may.

    Does nothing where the identity is not of the stack's own making: what is refused to others is
    refused for good. Raises BakeryError.
    """

    def say(state: RetryCallState) -> None:
        if state.attempt_number == 1:
            progress.say("Azure does not know the new service principal everywhere yet: waiting")

    if not target.fresh_identity:
        return
    looking = Retrying(
        retry=retry_if_exception(_is_not_yet),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_exponential(max=_LONGEST_PAUSE),
        before_sleep=say,
        reraise=True,
    )
    with clients.told(f"looking at {target.group}"):
        looking(_look, target)


def _is_not_yet(error: BaseException) -> bool:
    """Whether it is what a principal hears that was made a moment ago."""
    if isinstance(error, ClientAuthenticationError):
        return any(sign in str(error) for sign in _NOT_YET)
    return isinstance(error, HttpResponseError) and error.status_code == 403


def _look(target: AzureTarget) -> None:
    groups = clients.resources(target).resource_groups
    for group in sorted({target.group, target.publication}):
        groups.get(group)
    records.look(target)
