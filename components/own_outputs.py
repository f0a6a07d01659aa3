"""What the stack's outputs were when this update began."""

from typing import Any

import pulumi

from config.stack import Stack


def own_outputs(stack: Stack) -> dict[str, Any]:
    """Return them by name, without what is null. An update that failed has kept what it did not
    make anew (Pulumi's engine, step_executor.go, `executeRegisterResourceOutputs`).
    """
    name = {"name": stack.reference}
    return pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", name).value["outputs"]
