"""Simulated clouds for tests: `pulumi up` on the real engine, without a real provider.

The engine finds the simulated providers on PATH. All that they make, and each call they get, is
in a folder that the test reads. Failures are ordered there:

    clouds = SimulatedClouds(tmp_path / "clouds")
    with MotoAccount() as account:
        pulumi = make_pulumi(project, env={**clouds.env(), **account.env})
        pulumi.set_config("aws:region", "us-east-1")
        pulumi.set_config("aws:endpoints", account.endpoints_json)

        clouds.fail("create", "aws:ec2/amiCopy:AmiCopy", nth=2, message="RequestLimitExceeded")
        pulumi.up(check=False)
        assert len(clouds.calls("create", "aws:ec2/amiCopy:AmiCopy")) == 3
        clouds.no_faults()
        pulumi.up()

An explicit provider takes `aws.Provider(..., region=..., endpoints=[{"ec2": address, ...}])`.
"""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.engine.literal_pulumi import offline_folders
from tests.simulators.pulumi import faults
from tests.simulators.pulumi.calls import Call
from tests.simulators.pulumi.faults import Fault
from tests.simulators.pulumi.run_simulator import STORE
from tests.simulators.pulumi.store import Record, Store

BIN = Path(__file__).resolve().parent / "bin"
THROTTLED = "RequestLimitExceeded: Request limit exceeded."
LOST = "timeout while waiting for state to become 'available'"


class SimulatedClouds:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = Store(folder)

    def env(self) -> dict[str, str]:
        """What `pulumi` has to have in its environment."""
        return {
            "PATH": os.pathsep.join([str(BIN), *offline_folders(), os.environ.get("PATH", "")]),
            STORE: str(self.folder),
        }

    # What was asked of the clouds, and what is there

    def calls(
        self, operation: str | None = None, kind: str | None = None, *, preview: bool = False
    ) -> list[Call]:
        """The calls so far; `operation` is check, diff, create, read, update, delete, ...

        Only what is made, changed and asked says whether it is a preview.
        """
        calls = [Call(**entry) for entry in self._store.log()]
        return [
            call
            for call in calls
            if operation in (None, call.operation)
            and kind in (None, call.kind)
            and call.preview == preview
        ]

    def forget_calls(self) -> None:
        self._store.clear_log()

    def resources(self, kind: str | None = None) -> list[Record]:
        return [record for record in self._store.resources() if kind in (None, record.kind)]

    # Behind Pulumi's back

    def forget(self, kind: str, name: str) -> None:
        """Remove a resource that only the store keeps; one that moto keeps is moto's to remove."""
        record = self._one(kind, name)
        self._store.remove(record.kind, record.id)

    def change(self, kind: str, name: str, **properties: Any) -> None:
        """Change properties of such a resource."""
        record = self._one(kind, name)
        outputs = {**record.outputs, **properties}
        self._store.put(Record(**{**asdict(record), "outputs": outputs}))

    def _one(self, kind: str, name: str) -> Record:
        (found,) = (record for record in self.resources(kind) if record.name == name)
        return found

    # Failures to come

    def fault(self, fault: Fault) -> None:
        faults.order(self._store, fault)

    def no_faults(self) -> None:
        faults.cancel(self._store)

    def fail(
        self,
        operation: str,
        kind: str | None = None,
        name: str | None = None,
        *,
        message: str,
        nth: int | None = None,
        times: int | None = None,
    ) -> None:
        """Refuse: every such call, only the nth, or only the first few."""
        self.fault(Fault(operation, "fail", kind, name, nth, times, message))

    def delay(
        self, operation: str, kind: str | None = None, name: str | None = None, *, seconds: float
    ) -> None:
        """Take that long; a custom timeout that is shorter ends it with an error."""
        self.fault(Fault(operation, "delay", kind, name, seconds=seconds))

    def lose(
        self,
        operation: str,
        kind: str | None = None,
        name: str | None = None,
        *,
        message: str = LOST,
        nth: int | None = None,
    ) -> None:
        """Do it, but answer with an error: Pulumi does not know what the cloud has."""
        self.fault(Fault(operation, "lose", kind, name, nth, message=message))

    def half_make(
        self, operation: str, kind: str | None = None, name: str | None = None, *, message: str
    ) -> None:
        """Do it and let Pulumi know, but as something that is not right yet (once)."""
        self.fault(Fault(operation, "half", kind, name, times=1, message=message))
