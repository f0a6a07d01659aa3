"""The simulated Google Cloud as the simulator asks for it."""

import secrets
from collections.abc import Iterable

from tests.simulators.gcp.provider import buckets, images
from tests.simulators.gcp.provider.calls import Calls
from tests.simulators.gcp.provider.model import GcpModel
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.guarded import Guarded
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

_BINDING = ("role", "member", "condition")
# What Packer, the bakery and servers see too; the store keeps the rest.
MODELS: dict[str, type[GcpModel]] = {
    "gcp:compute/image:Image": images.Image,
    "gcp:compute/imageIamMember:ImageIamMember": images.ImageIamMember,
    "gcp:storage/bucket:Bucket": buckets.Bucket,
}
# The rest is kept as it is given. What of it makes another resource is `ForceNew` in the schemas of
# hashicorp/terraform-provider-google: all of `IamMemberBaseSchema` and what a binding is of
# (google/tpgiamresource/resource_iam_member.go), and what the others are called by.
RULES = {
    "projects/iAMMember": replaced_by("project", *_BINDING),
    "serviceaccount/iAMMember": replaced_by("serviceAccountId", *_BINDING),
    "storage/bucketIAMMember": replaced_by("bucket", *_BINDING),
    "projects/iAMCustomRole": replaced_by("project", "roleId"),
    "serviceaccount/account": replaced_by("project", "accountId"),
    "iam/workloadIdentityPool": replaced_by("project", "workloadIdentityPoolId"),
    "iam/workloadIdentityPoolProvider": replaced_by(
        *("project", "workloadIdentityPoolId", "workloadIdentityPoolProviderId")
    ),
    "compute/network": replaced_by("project", "name", "autoCreateSubnetworks"),
    "compute/subnetwork": replaced_by("project", "name", "network", "region"),
    "compute/firewall": replaced_by("project", "name", "network", "direction"),
}
NUMBER = "531508670106"


def _not_found(error: Absent) -> str:
    return f"googleapi: Error 404: {error}, notFound"


class Gcp(Cloud):
    def __init__(self) -> None:
        super().__init__("gcp")
        self.calls = Calls()

    def refusals(self, config: Properties) -> Iterable[str]:
        self.calls.look_for_credentials(config)
        return ()

    def configure(self, config: Properties) -> None:
        super().configure(config)
        self.calls.configure(config)

    def model(self, kind: str) -> Model | None:
        return Guarded(MODELS[kind](self.calls), _not_found) if kind in MODELS else None

    def rules(self, kind: str) -> Rules:
        if kind in MODELS:
            return MODELS[kind].rules
        return RULES.get(kind.partition(":")[2].rpartition(":")[0], Rules())

    def identify(self, kind: str, name: str, inputs: Properties) -> str:
        project = self.calls.project
        match kind.rpartition(":")[2]:
            case "Subnetwork":
                return f"projects/{project}/regions/{inputs['region']}/subnetworks/{inputs['name']}"
            case "Account":
                return f"projects/{project}/serviceAccounts/{self._email(inputs)}"
            case "IAMCustomRole":
                return f"projects/{project}/roles/{inputs['roleId']}"
            case "WorkloadIdentityPool":
                pools = f"projects/{NUMBER}/locations/global/workloadIdentityPools"
                return f"{pools}/{inputs['workloadIdentityPoolId']}"
            case _:
                return f"{name}-{secrets.token_hex(4)}"

    def computed(self, kind: str, id: str, inputs: Properties) -> Properties:
        match kind.rpartition(":")[2]:
            case "Account":
                email = self._email(inputs)
                return {"email": email, "member": f"serviceAccount:{email}", "name": id}
            case "IAMCustomRole" | "WorkloadIdentityPool" | "WorkloadIdentityPoolProvider":
                return {"name": id}
            case _:
                return {"project": self.calls.project}

    def invoke(self, token: str, args: Properties) -> Properties:
        if token != "gcp:organizations/getProject:getProject":
            return super().invoke(token, args)
        project = args.get("projectId") or self.calls.project
        try:
            found = self.calls.call("resourceManager", "GET", f"projects/{project}")
        except Absent as error:
            raise CloudError(str(error)) from None
        return {
            "id": f"projects/{project}",
            "projectId": found["projectId"],
            "number": found["projectNumber"],
            "name": found["name"],
        }

    def _email(self, inputs: Properties) -> str:
        return f"{inputs['accountId']}@{self.calls.project}.iam.gserviceaccount.com"


CLOUD = Gcp()
