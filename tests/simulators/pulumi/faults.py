"""Failures that a test has ordered."""

from dataclasses import asdict, dataclass
from typing import Literal

from tests.simulators.pulumi.calls import Call
from tests.simulators.pulumi.store import Store

DOCUMENT = "faults"

Effect = Literal["fail", "delay", "lose", "half"]


@dataclass(frozen=True)
class Fault:
    """Which calls fail, and how. What is None matches everything.

    `fail`: nothing is done. `delay`: it is done later. `lose`: it is done, but the answer is an
    error, so Pulumi does not know. `half`: it is done and Pulumi knows, but it is not right.
    """

    operation: str
    effect: Effect
    kind: str | None = None
    name: str | None = None
    # Only this one of the calls that match, counted from 1.
    nth: int | None = None
    # Only this many of them.
    times: int | None = None
    message: str = ""
    seconds: float = 0
    # How many calls have matched.
    seen: int = 0

    def matches(self, call: Call) -> bool:
        return (
            self.operation == call.operation
            and self.kind in (None, call.kind)
            and self.name in (None, call.name)
        )

    def active(self) -> bool:
        return self.nth in (None, self.seen) and (self.times is None or self.seen <= self.times)


def order(store: Store, fault: Fault) -> None:
    with store.locked():
        store.set_document(DOCUMENT, [*store.document(DOCUMENT), asdict(fault)])


def cancel(store: Store) -> None:
    with store.locked():
        store.set_document(DOCUMENT, [])


def met(store: Store, call: Call) -> list[Fault]:
    """The faults that this call meets; each counts it. The store has to be locked."""
    faults = [Fault(**entry) for entry in store.document(DOCUMENT)]
    # A preview asks nothing of a cloud: there is nothing to go wrong.
    if call.preview or not faults:
        return []
    counted = [
        Fault(**{**asdict(fault), "seen": fault.seen + 1}) if fault.matches(call) else fault
        for fault in faults
    ]
    store.set_document(DOCUMENT, [asdict(fault) for fault in counted])
    return [fault for fault in counted if fault.matches(call) and fault.active()]
