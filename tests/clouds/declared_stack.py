"""A stack whose resources a test declares one by one, and what most tests declare."""

import json
from dataclasses import dataclass, field
from typing import Any

from literal_pulumi import Finished, Pulumi
from moto_account import MotoAccount

COPY = "aws:ec2/amiCopy:AmiCopy"
BLOCK = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
PARAMETER = "aws:ssm/parameter:Parameter"
# Where the stack has its copy of an image.
REGION = "eu-west-1"


@dataclass
class DeclaredStack:
    """A stack, and what `projects/declared` is to have in it."""

    pulumi: Pulumi
    declared: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def declare(self, type: str, name: str, options: Any = None, /, **inputs: Any) -> None:
        """Declare a resource, or the one of that name in another way."""
        entry = {"type": type, "name": name, "inputs": inputs, "options": options or {}}
        for index, old in enumerate(self.declared):
            if old["name"] == name:
                self.declared[index] = entry
                break
        else:
            self.declared.append(entry)
        self._write()

    def up(self) -> dict[str, Any]:
        """The outputs after an `up` that must succeed."""
        self.pulumi.up()
        return self.pulumi.outputs()

    def fail(self) -> str:
        """What an `up` says that must fail."""
        done = self.pulumi.up(check=False)
        assert done.returncode != 0, done.output
        return done.output

    def preview(self) -> Finished:
        return self.pulumi.preview("--diff")

    def unchanged(self) -> bool:
        return self.pulumi.preview("--expect-no-changes", check=False).returncode == 0

    def _write(self) -> None:
        (self.pulumi.project / "resources.json").write_text(json.dumps(self.declared))

    # What most tests declare

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
        self.declare("ssm.Parameter", name, name=f"/{name}", type="String", value="x")


def copies(account: MotoAccount) -> dict[str, dict[str, Any]]:
    """The account's images there."""
    owned = account.client("ec2", REGION).describe_images(Owners=["self"])["Images"]
    return {image["ImageId"]: image for image in owned}
