"""An engine that only takes notes of what is registered with it, options and all."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks as runtime

REGION = "eu-west-1"


@dataclass(frozen=True)
class Noted:
    """One resource: its inputs as the engine knows them, and its options."""

    inputs: dict[str, Any]
    options: Any


class Registered(runtime.MockMonitor):
    """By kind and name, for instance `Bucket records-bucket`."""

    output: Any

    def __init__(self) -> None:
        super().__init__(Answers())
        self.found: dict[str, Noted] = {}
        self.output = None

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # the protocol's name
        noted = Noted(MessageToDict(request.object), request)
        self.found[f"{request.type.rpartition('/')[2].rpartition(':')[2]} {request.name}"] = noted
        return super().RegisterResource(request)

    def inputs(self, name: str) -> dict[str, Any]:
        return self.found[name].inputs

    def children(self) -> dict[str, Noted]:
        """What a component has made of AWS."""
        return {
            name: noted
            for name, noted in self.found.items()
            if noted.options.type.startswith("aws:")
        }


class Answers(pulumi.runtime.Mocks):
    """What AWS would add."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", {**args.inputs, "arn": f"arn-of-{args.name}"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"nothing is looked up: {args.token}")


def registered(
    make: Callable[[pulumi.ResourceOptions], pulumi.Output[Any]],
) -> Registered:
    """All that `make` registers, given options with a provider that is not the default one.

    Returns when everything is registered; `output` is then what the component gave out.
    """
    asyncio.set_event_loop(asyncio.new_event_loop())
    found = Registered()
    pulumi.runtime.set_mocks(Answers(), "dstack-images", "staging", monitor=found)

    def keep(output: Any) -> None:
        found.output = output

    @pulumi.runtime.test
    def run() -> Any:
        explicit = aws.Provider("explicit", region=REGION)
        return make(pulumi.ResourceOptions(provider=explicit)).apply(keep)

    run()
    return found
