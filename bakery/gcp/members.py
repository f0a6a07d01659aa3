"""Whether the organisation lets everyone in at all."""

import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from bakery.gcp.clients import credentials
from bakery.gcp.images import EVERYONE
from bakery.progress import Progress
from images.targets import GcpTarget

#: Names whose members may be given a role at all, and everyone is nobody's member ("Restricting
#: identities by domain", Resource Manager).
POLICY = "constraints/iam.allowedPolicyMemberDomains"
_API = "https://cloudresourcemanager.googleapis.com"
_SECONDS = 30


def refusal(target: GcpTarget, progress: Progress) -> str | None:
    """Why images cannot be public, or None. What cannot be asked is said, and gone on with."""
    try:
        restricts = _restricts(target)
    except (GoogleAuthError, requests.RequestException, ValueError) as error:
        progress.say(f"the policy {POLICY} cannot be read ({error}): going on")
        return None
    if not restricts:
        return None
    return (
        f"the organisation's policy {POLICY} forbids {EVERYONE}, so that no image can be public; "
        "have an exception made for this project, or publish from one outside of the policy"
    )


def _restricts(target: GcpTarget) -> bool:
    session = AuthorizedSession(credentials(target))
    answer = session.post(
        f"{target.endpoint or _API}/v1/projects/{target.project}:getEffectiveOrgPolicy",
        json={"constraint": POLICY},
        timeout=_SECONDS,
    )
    answer.raise_for_status()
    policy = answer.json().get("listPolicy", {})
    return bool(policy.get("allowedValues")) or policy.get("allValues") == "DENY"
