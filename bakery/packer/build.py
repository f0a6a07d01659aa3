"""One build of a template by Packer, with the failures that pass by themselves tried again."""

import time
from collections.abc import Mapping
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


def build(
    name: str,
    job: Job,
    session: BuildInputs,
    *,
    packer: Packer,
    template: Template,
    adapter: Adapter,
    variables: Mapping[str, object],
    folders: RunFolders,
    log: Path,
    caller: Caller,
) -> int:
    """Runs the template's build `bake` or `verify`; returns how many attempts it took.

    What a failed attempt has left is removed before the next one.

    Raises BakeryError with the last lines of Packer's log and the log's place.
    """
    progress = caller.progress
    file = folders.work / "variables.pkrvars.json"
    write_variables(file, {**variables, **job_variables(job, folders, session)})
    deadline = time.monotonic() + job.time_limit
    run = Run(
        argv=arguments(packer, template.folder, name, file),
        sidecars=session.sidecars,
        environment={**environment(adapter.credentials, folders.temporary), **session.environment},
        folder=PROJECT,
        log=log,
        limit=job.time_limit,
        grace=adapter.grace,
        work=[folders.work, folders.temporary],
        started=progress.started,
        console=session.console,
    )

    def again(error: BaseException) -> bool:
        return isinstance(error, PackerFailed) and error.passes is not None

    def say(state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        assert isinstance(error, PackerFailed)
        seconds = state.next_action.sleep if state.next_action else 0
        progress.say(
            f"Packer failed with {error.passes!r}, which passes: trying again in {seconds:.0f} s"
        )
        if error.console:
            progress.say(error.console)
        sweep_quietly(run_name(job), adapter, progress)

    def pause(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if caller.gone():
                raise Interrupted("cancelled between two attempts")
            time.sleep(_POLL)

    retrying = Retrying(
        retry=retry_if_exception(again),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential_jitter(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        before_sleep=say,
        sleep=pause,
        reraise=True,
    )
    try:
        for attempt in retrying:
            with attempt:
                left = max(1.0, deadline - time.monotonic())
                run_supervised(run.model_copy(update={"limit": left}), caller)
    except PackerFailed as error:
        console = f"{error.console}\n" if error.console else ""
        crash = f"Packer's crash is told in {error.crash}\n" if error.crash else ""
        raise BakeryError(
            f"Packer {error.how}. The end of its log:\n{error.tail}\n{console}{crash}"
            f"The whole log: {error.log}"
        ) from None
    return int(retrying.statistics["attempt_number"])
