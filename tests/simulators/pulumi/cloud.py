"""What a simulated cloud has to say for itself; all of it has an answer to begin with."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulators.pulumi.errors import Unsupported
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.sdk import Shape
from tests.simulators.pulumi.values import UNKNOWN, Properties


@dataclass(frozen=True)
class Made:
    """What creating a resource gave."""

    id: str
    outputs: Properties


class Model(ABC):
    """How one type of resource is made, seen, changed and removed. Values have no marks here."""

    @abstractmethod
    def create(self, name: str, inputs: Properties) -> Made: ...

    def interrupted(self, id: str, inputs: Properties, outputs: Properties) -> Properties:
        """What is left where its making ends half way: the outputs that Pulumi gets to know."""
        return outputs

    @abstractmethod
    def read(self, id: str, state: Properties) -> Properties | None:
        """The outputs as they are now; None when it is gone."""

    @abstractmethod
    def update(self, id: str, state: Properties, inputs: Properties) -> Properties: ...

    @abstractmethod
    def delete(self, id: str, state: Properties) -> None:
        """Gone already is as good."""


class Cloud:
    """One package's cloud. The store keeps what no model backs."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.config: Properties = {}

    def refusals(self, config: Properties) -> Iterable[str]:
        """What is wrong with the provider's own inputs, whoever makes it: it is then not made."""
        return ()

    def configure(self, config: Properties) -> None:
        """Take the provider's configuration; refuse it as the real provider would."""
        self.config = config

    def model(self, kind: str) -> Model | None:
        """What backs this type, if anything besides the store does."""
        return None

    def rules(self, kind: str) -> Rules:
        return Rules()

    def completed(self, kind: str, inputs: Properties) -> Properties:
        """The inputs with what the provider adds to them before it compares them."""
        return inputs

    def comparable(self, kind: str, inputs: Properties, outputs: Properties) -> Properties:
        """The outputs as they compare with inputs, where the cloud says more than it was told."""
        return outputs

    def planned(self, shape: Shape, inputs: Properties, state: Properties) -> Properties:
        """What a preview knows of a resource: of one that is to be made, for which `state` is
        empty, or changed. Terraform's providers keep what is there."""
        return {**(state or dict.fromkeys(shape.outputs, UNKNOWN)), **inputs}

    def identify(self, kind: str, name: str, inputs: Properties) -> str:
        """The ID of a resource that only the store keeps."""
        return f"{name}-{secrets.token_hex(4)}"

    def is_setting(self, kind: str) -> bool:
        """Whether it is there always, so making it a second time is changing it."""
        return False

    def computed(self, kind: str, id: str, inputs: Properties) -> Properties:
        """The outputs of such a resource besides its inputs."""
        return {}

    def invoke(self, token: str, args: Properties) -> Properties:
        raise Unsupported(f"the simulated {self.package} has no function {token}")
