"""What GitHub makes of an `if`, as far as the workflows here ask.

A condition that asks for no status has `success()` before it, and a status is that of what came
before ("Evaluate expressions in workflows and actions", GitHub Docs).
"""

import re
from collections.abc import Callable


def holds(condition: str, value: Callable[[str], str], *, failed: bool) -> bool:
    """Whether it does, where `value` is that of a name such as `env.X`, and "" of an unset one.

    A name that `value` does not know fails the test by its KeyError.
    """
    if not re.search(r"\b(?:success|failure|always)\(\)", condition):
        condition = f"success() && {condition}"
    return all(_either(clause, value, failed=failed) for clause in condition.split(" && "))


def _either(clause: str, value: Callable[[str], str], *, failed: bool) -> bool:
    known = {"success()": not failed, "failure()": failed, "always()": True}
    inner = re.sub(r"^\((.*)\)$", r"\1", clause) if " || " in clause else clause
    return any(known[one] if one in known else _compared(one, value) for one in inner.split(" || "))


def _compared(clause: str, value: Callable[[str], str]) -> bool:
    left, sign, right = clause.split(" ")
    texts = [one[1:-1] if one.startswith("'") else value(one) for one in (left, right)]
    return (texts[0] == texts[1]) == {"==": True, "!=": False}[sign]
