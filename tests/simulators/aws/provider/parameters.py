"""SSM: parameters."""

from collections.abc import Sequence
from typing import ClassVar

from tests.simulators.aws.provider.model import AwsModel, tags_wanted
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


class Parameter(AwsModel):
    service = "ssm"
    rules: ClassVar[Rules] = replaced_by("name", "keyId", "dataType")

    def create(self, name: str, inputs: Properties) -> Made:
        self._put(inputs, overwrite=inputs.get("overwrite", False))
        if tags := tags_wanted(inputs):
            self._tag(inputs["name"], inputs, add=tags)
        return Made(inputs["name"], self.read(inputs["name"], inputs) or {})

    def read(self, id: str, state: Properties) -> Properties | None:
        client = self.client(state)
        found = client.get_parameter(Name=id, WithDecryption=True)["Parameter"]
        tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=id)["TagList"]
        # Only who asked for it finds the value where it is not a secret.
        where = "insecureValue" if "insecureValue" in state else "value"
        return {
            **state,
            **self.tags_seen(tags, state),
            "arn": found["ARN"],
            "dataType": found["DataType"],
            "name": id,
            "region": self.region(state),
            "type": found["Type"],
            where: found["Value"],
            "version": found["Version"],
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        compared = ("type", "value", "insecureValue", "description", "tier", "allowedPattern")
        if any(name in inputs and state.get(name) != inputs[name] for name in compared):
            self._put(inputs, overwrite=True)
        add = tags_wanted(inputs)
        kept = {tag["Key"] for tag in add}
        remove = [key for key in state.get("tagsAll", {}) if key not in kept]
        self._tag(id, inputs, add, remove)
        return self.read(id, inputs) or {}

    def delete(self, id: str, state: Properties) -> None:
        self.client(state).delete_parameter(Name=id)

    def _put(self, inputs: Properties, *, overwrite: bool) -> None:
        given = {
            "Description": inputs.get("description"),
            "DataType": inputs.get("dataType"),
            "Tier": inputs.get("tier"),
            "KeyId": inputs.get("keyId"),
            "AllowedPattern": inputs.get("allowedPattern"),
        }
        self.client(inputs).put_parameter(
            Name=inputs["name"],
            Type=inputs["type"],
            Value=inputs.get("value", inputs.get("insecureValue", "")),
            Overwrite=overwrite,
            **{name: value for name, value in given.items() if value is not None},
        )

    def _tag(
        self, id: str, inputs: Properties, add: list[dict[str, str]], remove: Sequence[str] = ()
    ) -> None:
        client, this = self.client(inputs), {"ResourceType": "Parameter", "ResourceId": id}
        if remove:
            client.remove_tags_from_resource(**this, TagKeys=list(remove))
        if add:
            client.add_tags_to_resource(**this, Tags=add)
