"""Work requests: changes that are accepted first and made later, each look a step nearer.

Compute's and Object Storage's are alike, but for the word at the end: SUCCEEDED and COMPLETED.
"""

from collections.abc import Callable

from tests.simulators.oci.shapes import Json, absent, now, ocid


class WorkRequests:
    """Those of one service in one region."""

    def __init__(self, region: str, done: str) -> None:
        self._region, self._done = region, done
        self._all: dict[str, Json] = {}

    def start(self, kind: str, finish: Callable[[], str], *, stuck: bool = False) -> str:
        """Its id. `finish` makes the change and returns why it cannot be made, if it cannot."""
        id = ocid("coreservicesworkrequest", self._region)
        self._all[id] = {
            "id": id,
            "operationType": kind,
            "status": "IN_PROGRESS",
            "percentComplete": 50.0,
            "timeAccepted": now(),
            "resources": [],
            "compartmentId": None,
            "_finish": finish,
            "_stuck": stuck,
            "_errors": [],
        }
        return id

    def get(self, id: str) -> Json:
        """As it was; by the next look it is done."""
        found = self._all.get(id)
        if found is None:
            raise absent(id)
        answer = dict(found)
        self.settle(id)
        return answer

    def errors(self, id: str) -> list[Json]:
        if id not in self._all:
            raise absent(id)
        return self._all[id]["_errors"]

    def settle(self, id: str) -> None:
        """Does what is to be done, if it is not done or stuck."""
        found = self._all[id]
        if found["status"] != "IN_PROGRESS" or found["_stuck"]:
            return
        reason = found["_finish"]()
        found |= {"status": "FAILED" if reason else self._done, "timeFinished": now()}
        found["percentComplete"] = 100.0
        if reason:
            found["_errors"].append({"code": "Failed", "message": reason, "timestamp": now()})
