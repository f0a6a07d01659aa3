"""Run one Pulumi program: the child process of the offline language host."""

import asyncio
import json
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pulumi
import pulumi.runtime

from lifeline import follow_parent

_EXIT_FAILED = 1
# What to say has been said: the host adds nothing.
EXIT_ERROR_SHOWN = 32
_UNWIND_SECONDS = 2


def configure(settings: dict[str, Any]) -> None:
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))


def _user_traceback(error: BaseException, program: Path) -> str:
    """The traceback from the program's own first frame on, or all of it."""
    main = program / "__main__.py" if program.is_dir() else program
    frames = traceback.extract_tb(error.__traceback__)
    for skipped, frame in enumerate(frames):
        if Path(frame.filename).resolve() == main:
            limit = skipped - len(frames)
            return "".join(traceback.format_exception(error, limit=limit))
    return "".join(traceback.format_exception(error))


def run(program: str, parallel: int) -> int:
    location = Path(program).resolve()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # As the real host: each operation may block a thread.
    executor = ThreadPoolExecutor(max_workers=max(parallel, 1) * 4)
    loop.set_default_executor(executor)
    # When one resource fails, futures that wait for it end unobserved: no news.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def main() -> None:
        runpy.run_path(program, run_name="__main__")

    status = 0
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(main))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        status = _EXIT_FAILED
    except Exception as error:
        text = _user_traceback(error, location)
        pulumi.log.error(f"Program failed with an unhandled exception:\n{text}")
        status = EXIT_ERROR_SHOWN
    executor.shutdown(wait=True)
    loop.close()
    return status


def interrupted(*_: object) -> None:
    """Unwind once, however often the engine interrupts, and not for long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = threading.Timer(_UNWIND_SECONDS, _end_now)
    limit.daemon = True
    limit.start()
    raise KeyboardInterrupt


def _end_now() -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_ERROR_SHOWN)


def main() -> int:
    # A program sees its own folder first, not the offline plugins'.
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    settings: dict[str, Any] = json.loads(sys.argv[1])
    sys.argv = sys.argv[2:]
    configure(settings)
    try:
        return run(sys.argv[0], settings["parallel"])
    except KeyboardInterrupt:
        # The engine has given up: operations that wait for it would keep the threads.
        _end_now()


if __name__ == "__main__":
    # Without the host nobody listens any more.
    follow_parent(lambda: os._exit(_EXIT_FAILED))
    signal.signal(signal.SIGINT, interrupted)
    sys.exit(main())
