"""What the models of AWS types share."""

from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.simulators.aws.provider.account import Account, is_absent, refusals
from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.values import Properties


class AwsModel(Model):
    """A type of resource in one service of the account."""

    service: ClassVar[str]
    rules: ClassVar[Rules] = Rules()

    def __init__(self, account: Account) -> None:
        self.account = account

    def region(self, properties: Properties) -> str:
        """Every regional resource has a region of its own, or else the provider's."""
        return properties.get("region") or self.account.region

    def client(self, properties: Properties) -> Any:
        return self.account.client(self.service, self.region(properties))

    def arn(self, rest: str, properties: Properties, *, account: bool = True) -> str:
        number = self.account.number if account else ""
        return f"arn:aws:{self.service}:{self.region(properties)}:{number}:{rest}"

    def tags_seen(self, found: list[dict[str, str]], state: Properties) -> Properties:
        """Outputs for a list of tags as AWS gives it; the provider's own tags are not `tags`."""
        every = {tag["Key"]: tag["Value"] for tag in found}
        own = {
            key: value
            for key, value in every.items()
            if key in state.get("tags", {}) or key not in self.account.default_tags
        }
        return {"tags": own, "tagsAll": every}


def tags_wanted(inputs: Properties) -> list[dict[str, str]]:
    wanted: dict[str, str] = inputs.get("tagsAll") or inputs.get("tags") or {}
    return [{"Key": key, "Value": value} for key, value in wanted.items()]


class Guarded(Model):
    """A model whose refusals are worded, and for which absence is an answer."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def create(self, name: str, inputs: Properties) -> Made:
        with refusals():
            return self._model.create(name, inputs)

    def interrupted(self, id: str, inputs: Properties, outputs: Properties) -> Properties:
        with refusals():
            return self._model.interrupted(id, inputs, outputs)

    def read(self, id: str, state: Properties) -> Properties | None:
        with refusals():
            try:
                return self._model.read(id, state)
            except ClientError as error:
                if is_absent(error):
                    return None
                raise

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        with refusals():
            return self._model.update(id, state, inputs)

    def delete(self, id: str, state: Properties) -> None:
        with refusals():
            try:
                self._model.delete(id, state)
            except ClientError as error:
                if not is_absent(error):
                    raise
