"""Tags of things in EC2."""

from typing import Any, ClassVar

from tests.simulators.aws.provider.model import AwsModel, tags_wanted
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


def retag(client: Any, id: str, before: Properties, inputs: Properties) -> None:
    """Give a thing the tags it should have, and take those it should have no more."""
    wanted = tags_wanted(inputs)
    kept = {tag["Key"] for tag in wanted}
    surplus = [{"Key": key} for key in before.get("tagsAll", {}) if key not in kept]
    if surplus:
        client.delete_tags(Resources=[id], Tags=surplus)
    if wanted:
        client.create_tags(Resources=[id], Tags=wanted)


class Tag(AwsModel):
    """One tag of a thing that somebody else made.

    As terraform-provider-aws has it, internal/service/ec2/tag_gen.go.
    """

    service = "ec2"
    rules: ClassVar[Rules] = replaced_by("resourceId", "key")

    def create(self, name: str, inputs: Properties) -> Made:
        id = f"{inputs['resourceId']},{inputs['key']}"
        return Made(id, self.update(id, inputs, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        resource, key = id.split(",", 1)
        wanted = {"resource-id": resource, "key": key}
        filters = [{"Name": name, "Values": [value]} for name, value in wanted.items()]
        found = self.client(state).describe_tags(Filters=filters)["Tags"]
        return {**state, "value": found[0]["Value"]} if found else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        tag = {"Key": inputs["key"], "Value": inputs["value"]}
        self.client(inputs).create_tags(Resources=[inputs["resourceId"]], Tags=[tag])
        return {**inputs, "region": self.region(inputs)}

    def delete(self, id: str, state: Properties) -> None:
        tag = {"Key": state["key"], "Value": state["value"]}
        self.client(state).delete_tags(Resources=[state["resourceId"]], Tags=[tag])
