"""What the stack's outputs were when this update began."""

from typing import Any

import pulumi
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_fixed

from config.stack import Stack


@retry(
    retry=retry_if_exception_message(match=".*failed to load checkpoint"),
    stop=stop_after_delay(10),
    wait=wait_fixed(0.05),
    reraise=True,
)
def own_outputs(stack: Stack) -> dict[str, Any]:
    """Return them by name, without what is null. An update that failed has kept what it did not
    make anew (Pulumi's engine, step_executor.go, `executeRegisterResourceOutputs`).

    Read again where the engine writes the state at that moment: a backend of files has it in two,
    one of which is empty while it is written (gocloud.dev, fileblob/attrs.go, `setAttrs`).
    """
    name = {"name": stack.reference}
    return pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", name).value["outputs"]
