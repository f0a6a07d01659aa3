"""Declare what `resources.json` has, so that a test says what it is about.

Each entry has the resource's `type` (`ec2.AmiCopy`), `inputs` and `options`. An input
`{"output": "copy.id"}` is the output of an entry before it; `{"secret": "x"}` is a secret.
"""

import json
from functools import reduce
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws

made: dict[str, Any] = {}


def resolved(value: Any) -> Any:
    match value:
        case {"output": path}:
            name, output = path.split(".")
            return getattr(made[name], output)
        case {"secret": text}:
            return pulumi.Output.secret(text)
        case _:
            return value


def options(given: dict[str, Any]) -> pulumi.ResourceOptions:
    if "custom_timeouts" in given:
        given["custom_timeouts"] = pulumi.CustomTimeouts(**given["custom_timeouts"])
    if "provider" in given:
        given["provider"] = made[given["provider"]]
    return pulumi.ResourceOptions(**given)


program = json.loads(Path(__file__).with_name("resources.json").read_text())
for name, entry in program.items():
    resource: Any = reduce(getattr, entry["type"].split("."), pulumi_aws)
    inputs = {key: resolved(value) for key, value in entry["inputs"].items()}
    made[name] = resource(name, **inputs, opts=options(entry["options"]))
    pulumi.export(name, made[name].id)
