"""One build of a template by Packer, with the failures that pass by themselves tried again."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from bakery.adapter import Adapter, BuildInputs, RunFolders
from bakery.caller import Caller
from bakery.cleanup import sweep_quietly
from bakery.packer.program import PROJECT, Packer, arguments, environment, write_variables
from bakery.packer.runner import PackerFailed, run_supervised
from bakery.packer.supervisor import Run
from bakery.packer.template import Template
from bakery.progress import Progress
from bakery.run_owner import run_name
from images.errors import BakeryError, Interrupted
from images.job import Job

_ATTEMPTS = 3
_POLL = 0.2
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 60.0


def job_variables(job: Job, folders: RunFolders, session: BuildInputs) -> dict[str, object]:
    """Variables that every template has, and those of this one."""
    return {
        "name": job.bake,
        "results": str(folders.results),
        "environment": [f"{key}={value}" for key, value in job.environment.items()],
        **session.variables,
    }


@dataclass(frozen=True)
class Build:
    """The template's build `bake` or `verify`, for one job.

    `variables` are those of this build alone; in `log` is what Packer says in every attempt.
    """

    name: str
    job: Job
    adapter: Adapter
    packer: Packer
    template: Template
    variables: Mapping[str, object]
    folders: RunFolders
    log: Path

    def run(self, session: BuildInputs, caller: Caller) -> int:
        """Runs it, and again after what passes; returns how many attempts it took.

        What a failed attempt has left is removed before the next one.

        Raises BakeryError with the last lines of Packer's log and the log's place.
        """
        deadline = time.monotonic() + self.job.time_limit
        run = self._packer(session, caller.progress)
        retrying = Retrying(
            retry=retry_if_exception(_passes),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential_jitter(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
            before_sleep=partial(self._tidy, caller.progress),
            sleep=partial(_pause, caller),
            reraise=True,
        )
        try:
            for attempt in retrying:
                with attempt:
                    left = max(1.0, deadline - time.monotonic())
                    run_supervised(run.model_copy(update={"limit": left}), caller)
        except PackerFailed as error:
            raise BakeryError(_told(error)) from None
        return int(retrying.statistics["attempt_number"])

    def _packer(self, session: BuildInputs, progress: Progress) -> Run:
        """What is run in each attempt, its variables in a file."""
        file = self.folders.work / "variables.pkrvars.json"
        variables = job_variables(self.job, self.folders, session)
        write_variables(file, {**self.variables, **variables})
        credentials = environment(self.adapter.credentials, self.folders.temporary)
        return Run(
            argv=arguments(self.packer, self.template.folder, self.name, file),
            sidecars=session.sidecars,
            environment={**credentials, **session.environment},
            folder=PROJECT,
            log=self.log,
            limit=self.job.time_limit,
            grace=self.adapter.grace,
            work=[self.folders.work, self.folders.temporary],
            started=progress.started,
            console=session.console,
        )

    def _tidy(self, progress: Progress, state: RetryCallState) -> None:
        """Says between two attempts why, and removes what the first one has left."""
        error = state.outcome and state.outcome.exception()
        assert isinstance(error, PackerFailed)
        seconds = state.next_action.sleep if state.next_action else 0
        progress.say(
            f"Packer failed with {error.passes!r}, which passes: trying again in {seconds:.0f} s"
        )
        if error.console:
            progress.say(error.console)
        sweep_quietly(run_name(self.job), self.adapter, progress)


def _passes(error: BaseException) -> bool:
    return isinstance(error, PackerFailed) and error.passes is not None


def _pause(caller: Caller, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if caller.gone():
            raise Interrupted("cancelled between two attempts")
        time.sleep(_POLL)


def _told(error: PackerFailed) -> str:
    console = f"{error.console}\n" if error.console else ""
    crash = f"Packer's crash is told in {error.crash}\n" if error.crash else ""
    return (
        f"Packer {error.how}. The end of its log:\n{error.tail}\n{console}{crash}"
        f"The whole log: {error.log}"
    )
