"""A stack whose resources a test declares one by one, and what most tests declare."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.engine.literal_pulumi import Pulumi
from tests.simulators.aws.moto_account import MotoAccount

BLOCK = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
COPY = "aws:ec2/amiCopy:AmiCopy"
PARAMETER = "aws:ssm/parameter:Parameter"
# Where the stack has its copy of an image.
REGION = "eu-west-1"


@dataclass
class DeclaredStack:
    """A stack, and what `projects/declared` is to have in it."""

    pulumi: Pulumi
    declared: dict[str, Any] = field(default_factory=dict[str, Any])

    def declare(self, type: str, name: str, options: Any = None, /, **inputs: Any) -> None:
        """Declare a resource, or the one of that name in another way."""
        self.declared[name] = {"type": type, "inputs": inputs, "options": options or {}}
        (self.pulumi.project / "resources.json").write_text(json.dumps(self.declared))

    def declare_copy(self, account: MotoAccount, **inputs: Any) -> None:
        """An image in another region."""
        given: dict[str, Any] = {
            "name": "dstack-0.14",
            "source_ami_id": account.source_ami,
            "source_ami_region": "us-east-1",
            "region": REGION,
            **inputs,
        }
        self.declare("ec2.AmiCopy", "copy", **given)

    def declare_parameter(self, name: str) -> None:
        """What is made and changed fastest."""
        self.declare("ssm.Parameter", name, name=f"/{name}", type="String", value="x")

    def fail(self) -> str:
        """What an `up` says that must fail."""
        done = self.pulumi.up(check=False)
        assert done.returncode != 0, done.output
        return done.output

    # The state, from the file: asking `pulumi` for it takes longer than a test has

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources by name, without the stack and the default provider."""
        stacks = self.pulumi.home / "state" / ".pulumi" / "stacks"
        (file,) = stacks.glob(f"*/{self.pulumi.stack}.json")
        resources = json.loads(file.read_text())["checkpoint"]["latest"].get("resources", [])
        return {
            resource["urn"].split("::")[-1]: resource
            for resource in resources
            if not resource["type"].startswith("pulumi:")
        }

    def id(self, name: str) -> str:
        return self.state()[name]["id"]


def copies(account: MotoAccount) -> dict[str, dict[str, Any]]:
    """The account's images in the region of the copy."""
    owned = account.client("ec2", REGION).describe_images(Owners=["self"])["Images"]
    return {image["ImageId"]: image for image in owned}
