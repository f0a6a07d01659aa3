"""Declare what `resources.json` lists, so that a test says what it is about.

An entry has `type` (`ec2.AmiCopy`), `name`, `inputs` and maybe `options`. An input
`{"output": "copy.id"}` is the output of an entry before it. The IDs are exported by name.
"""

import json
from functools import reduce
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws

made: dict[str, Any] = {}


def resolved(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"output"}:
        name, output = value["output"].split(".")
        return getattr(made[name], output)
    if isinstance(value, dict) and value.keys() == {"secret"}:
        return pulumi.Output.secret(value["secret"])
    return value


program = json.loads(Path(__file__).with_name("resources.json").read_text())
for entry in program:
    resource: Any = reduce(getattr, entry["type"].split("."), pulumi_aws)
    options = dict(entry.get("options", {}))
    if "custom_timeouts" in options:
        options["custom_timeouts"] = pulumi.CustomTimeouts(**options["custom_timeouts"])
    if "provider" in options:
        options["provider"] = made[options["provider"]]
    inputs = {name: resolved(value) for name, value in entry["inputs"].items()}
    made[entry["name"]] = resource(entry["name"], **inputs, opts=pulumi.ResourceOptions(**options))
    pulumi.export(entry["name"], made[entry["name"]].id)
