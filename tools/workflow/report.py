"""Runs a command and appends what it says to a page of Markdown, such as a job's summary.

python -m tools.workflow.report TITLE [--to FILE] [--warn STATUS]... -- COMMAND...

Its exit status is the command's, but 0 where that is one of --warn, which is an annotation of the
run then. Without --to, the page is that of GITHUB_STEP_SUMMARY.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Characters of output in one section. GitHub takes 65536 in a comment and 1 MiB in a summary.
LONGEST = 60_000


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="report", description="A command's output as Markdown.")
    parser.add_argument("title")
    parser.add_argument("--to", type=Path, default=os.environ.get("GITHUB_STEP_SUMMARY"))
    parser.add_argument(
        "--warn", type=int, action="append", default=[], help="a status that ends no job"
    )
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    if options.to is None:
        parser.error("outside of a workflow, say --to FILE")
    status, said = shown(options.command)
    with Path(options.to).open("a", encoding="utf-8") as page:
        page.write(section(options.title, said, status, warns=status in options.warn))
    if status in options.warn:
        print(f"::warning title={options.title}::read the summary before you go on")
        return 0
    return status


def shown(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The exit status, and all output, which is shown while it comes."""
    lines: list[str] = []
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    return process.returncode, "".join(lines)


def section(title: str, said: str, status: int, *, warns: bool = False) -> str:
    """A heading, whether it went well, and the output; of a long one the end, where the sum is."""
    told = "" if status == 0 else f"\n**It failed, with status {status}.**\n"
    if told and warns:
        told = f"\n**It warns, with status {status}: read why before you go on.**\n"
    cut = ""
    if len(said) > LONGEST:
        said = said[-LONGEST:].partition("\n")[2]
        cut = "\nThe beginning is left out; the job's log has all.\n"
    # Longer than any fence in the output, which could end this one otherwise.
    fence = "`" * 3
    while fence in said:
        fence += "`"
    return f"## {title}\n{told}{cut}\n{fence}\n{said.rstrip()}\n{fence}\n\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
