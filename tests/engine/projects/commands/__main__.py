"""Declare the commands that a test wrote into commands.json."""

import json
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi_command import local


def resolved(value: Any, made: dict[str, local.Command]) -> Any:
    """{"secret": x} becomes a secret, {"stdout": name} the output of an earlier command."""
    if isinstance(value, list):
        return [resolved(entry, made) for entry in cast(list[Any], value)]
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        if "secret" in entries:
            return pulumi.Output.secret(entries["secret"])
        if "stdout" in entries:
            return made[entries["stdout"]].stdout
        return {key: resolved(entry, made) for key, entry in entries.items()}
    return value


def main() -> None:
    wanted = json.loads(Path("commands.json").read_text())
    made: dict[str, local.Command] = {}
    for name, entry in wanted["commands"].items():
        options = dict(entry.get("options", {}))
        limits = options.pop("timeout", None)
        if limits:
            options["custom_timeouts"] = pulumi.CustomTimeouts(create=limits)
        made[name] = local.Command(
            name,
            opts=pulumi.ResourceOptions(**options),
            **resolved(entry["inputs"], made),
        )
        pulumi.export(name, made[name].stdout)
    print(wanted.get("say", "declared"))
    if "run_error" in wanted:
        raise pulumi.RunError(wanted["run_error"])
    if "bug" in wanted:
        raise KeyError(wanted["bug"])


main()
