"""Whether the organisation lets everyone in at all."""

from bakery.gcp import clients
from bakery.gcp.images import EVERYONE
from bakery.progress import Progress
from images.errors import BakeryError
from images.gcp import GcpProject

#: Names whose members may be given a role at all, and everyone is nobody's member ("Restricting
#: identities by domain", Resource Manager).
_POLICY = "constraints/iam.allowedPolicyMemberDomains"


def refusal(target: GcpProject, progress: Progress) -> str | None:
    """Why images cannot be public, or None. What cannot be asked is said, and gone on with."""
    try:
        with clients.translate_errors(target.project):
            restricts = _restricts(target)
    except BakeryError as error:
        progress.say(f"the policy {_POLICY} cannot be read ({error}): going on")
        return None
    if not restricts:
        return None
    return (
        f"the organisation's policy {_POLICY} forbids {EVERYONE}, so no image can be public; "
        "have an exception made for this project, or publish from one outside of the policy"
    )


def _restricts(target: GcpProject) -> bool:
    projects = clients.resource_manager(target).projects()
    resource = f"projects/{target.project}"
    answer = clients.ask(
        projects.getEffectiveOrgPolicy(resource=resource, body={"constraint": _POLICY})
    )
    policy: clients.Json = answer.get("listPolicy", {})
    return bool(policy.get("allowedValues")) or policy.get("allValues") == "DENY"
