"""What the project relies on in Pulumi's language host and command provider.

The tests hold for the real ones and for the offline plugins in tools/offline; a few at the end
are about the offline plugins alone.
"""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.literal_pulumi import Pulumi, real_command_provider, real_language_host

pytestmark = pytest.mark.engine

PROJECT = Path(__file__).parent / "projects" / "commands"
COMMAND = "command:local:Command"
# Far above what any step takes on a busy machine, far below what the commands sleep.
PATIENCE_SECONDS = 60
ASLEEP = "exec sleep 600"

offline_only = pytest.mark.skipif(
    bool(real_command_provider() or real_language_host()), reason="the real ones are installed"
)


class Stack:
    """The fixture project, with its commands and a journal they write to."""

    def __init__(self, pulumi: Pulumi) -> None:
        self.pulumi = pulumi
        self.journal = pulumi.home / "journal"
        self.journal.touch()

    def declare(self, **entries: Any) -> None:
        """Each entry is one command's inputs; `_options` are its resource options."""
        commands = {
            name: {"inputs": inputs, "options": inputs.pop("_options", {})}
            for name, inputs in entries.items()
        }
        self.write({"commands": commands})

    def write(self, program: dict[str, Any]) -> None:
        (self.pulumi.project / "commands.json").write_text(json.dumps(program))

    def note(self, words: str) -> str:
        """A shell command that writes a line into the journal."""
        return f'echo "{words}" >> {self.journal}'

    def noted(self) -> list[str]:
        """The lines since the last call."""
        lines = self.journal.read_text().splitlines()
        self.journal.write_text("")
        return lines

    def commands(self) -> list[dict[str, Any]]:
        return self.pulumi.resources(COMMAND)


@pytest.fixture
def stack(pulumi: Callable[..., Pulumi]) -> Stack:
    return Stack(pulumi(PROJECT))


def until(what: Callable[[], bool], described: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, f"waited too long: {described}"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def descendants(pid: int) -> set[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = {int(line.split()[0]): int(line.split()[1]) for line in listed.splitlines()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


# What runs, and when


def test_create_runs_once_and_delete_at_the_end(stack: Stack) -> None:
    inputs = {
        "create": f"{stack.note('create')}; echo made; echo told >&2",
        "delete": stack.note("delete of $PULUMI_COMMAND_STDOUT, $PULUMI_COMMAND_STDERR"),
    }
    stack.declare(one=inputs)

    preview = stack.pulumi.preview()
    assert "one: [unknown]" in preview.output
    assert stack.noted() == []

    first = stack.pulumi.up()
    assert stack.noted() == ["create"]
    assert "declared" in first.output
    assert stack.pulumi.outputs() == {"one": "made"}
    assert stack.commands()[0]["outputs"]["stderr"] == "told"

    second = stack.pulumi.up()
    assert "unchanged" in second.output
    stack.pulumi.refresh()
    assert stack.noted() == []

    stack.pulumi.destroy()
    assert stack.noted() == ["delete of made, told"]
    assert stack.commands() == []


def test_a_changed_trigger_creates_the_new_before_it_deletes_the_old(stack: Stack) -> None:
    def declare(mark: str, **options: Any) -> None:
        stack.declare(
            one={
                "create": stack.note(f"create {mark}"),
                "update": stack.note(f"update {mark}"),
                "delete": stack.note(f"delete {mark}"),
                "triggers": [mark],
                "_options": options,
            }
        )

    declare("a")
    stack.pulumi.up()
    declare("b")
    stack.pulumi.up()
    assert stack.noted() == ["create a", "create b", "delete a"]
    declare("c", delete_before_replace=True)
    stack.pulumi.up()
    assert stack.noted() == ["delete b", "create c"]


def test_another_changed_input_runs_create_again_or_update(stack: Stack) -> None:
    create, delete = stack.note("create $WHO after '$PULUMI_COMMAND_STDOUT'"), stack.note("delete")
    inputs = {"create": f"{create}; echo first", "delete": delete}

    stack.declare(one={**inputs, "environment": {"WHO": "a"}})
    stack.pulumi.up()
    stack.declare(one={**inputs, "environment": {"WHO": "b"}})
    stack.pulumi.up()
    assert stack.noted() == ["create a after ''", "create b after 'first'"]

    update = stack.note("update $WHO")
    stack.declare(one={**inputs, "environment": {"WHO": "c"}, "update": update})
    stack.pulumi.up()
    assert stack.noted() == ["update c"]


def test_ignored_changes_run_nothing_and_are_used_at_a_replacement(stack: Stack) -> None:
    def declare(who: str, digest: str) -> None:
        stack.declare(
            one={
                "create": stack.note("create $WHO"),
                "environment": {"WHO": who},
                "delete": stack.note(f"delete {who}"),
                "_options": {
                    "ignore_changes": ["environment", "delete"],
                    "replacement_trigger": digest,
                },
            }
        )

    declare("a", "1")
    stack.pulumi.up()
    declare("b", "1")
    unchanged = stack.pulumi.up()
    assert "2 unchanged" in unchanged.output
    assert stack.noted() == ["create a"]
    declare("b", "2")
    stack.pulumi.up()
    assert stack.noted() == ["create b", "delete a"]


def test_commands_that_do_not_depend_on_each_other_run_at_once(stack: Stack) -> None:
    def meet(mine: str, other: str) -> str:
        here = stack.pulumi.home
        return f"touch {here}/{mine}; until [ -e {here}/{other} ]; do sleep 0.1; done"

    stack.declare(one={"create": meet("a", "b")}, two={"create": meet("b", "a")})
    stack.pulumi.up()
    assert len(stack.commands()) == 2


def test_an_output_is_an_input_of_another_command(stack: Stack) -> None:
    second = {"create": "cat; printf ' and %s' $WORD", "interpreter": ["/bin/bash", "-ec"]}
    stack.declare(
        one={"create": "printf 'x\\n\\n'"},
        two={
            **second,
            "stdin": "given",
            "environment": {"WORD": {"stdout": "one"}},
            "triggers": [{"stdout": "one"}],
        },
    )
    stack.pulumi.up()
    # One newline is cut off the end.
    assert stack.pulumi.outputs() == {"one": "x\n", "two": "given and x"}


# Failure


def test_a_failed_create_leaves_nothing_and_tells_everything(stack: Stack) -> None:
    stack.declare(
        one={
            "create": 'echo "some output"; echo "some error" >&2; exit 3',
            "delete": stack.note("delete"),
            "logging": "none",
        }
    )
    failed = stack.pulumi.up(check=False)
    assert failed.returncode != 0
    assert 'exit status 3: running "echo \\"some output\\"' in failed.output
    assert "some output\n" in failed.output
    assert "some error\n" in failed.output
    assert stack.commands() == []
    stack.pulumi.destroy()
    assert stack.noted() == []


def test_a_failed_replacement_keeps_the_old(stack: Stack) -> None:
    stack.declare(one={"create": "echo old", "delete": stack.note("delete"), "triggers": [1]})
    stack.pulumi.up()
    stack.declare(one={"create": "exit 1", "delete": stack.note("delete"), "triggers": [2]})
    assert stack.pulumi.up(check=False).returncode != 0
    assert [command["outputs"]["stdout"] for command in stack.commands()] == ["old"]
    assert stack.noted() == []


def test_a_program_that_gives_up_shows_no_traceback(stack: Stack) -> None:
    stack.write({"commands": {}, "run_error": "the answer must be 42", "say": "still here"})
    failed = stack.pulumi.up(check=False)
    assert failed.returncode != 0
    assert "error: the answer must be 42" in failed.output
    assert "Traceback" not in failed.output
    assert "still here" in failed.output


def test_a_bug_in_a_program_shows_where_it_is(stack: Stack) -> None:
    stack.write({"commands": {}, "bug": "nowhere"})
    failed = stack.pulumi.up(check=False)
    assert failed.returncode != 0
    assert "Program failed with an unhandled exception" in failed.output
    assert "KeyError: 'nowhere'" in failed.output
    assert "__main__.py" in failed.output
    assert "runpy" not in failed.output


# Output and secrets


def test_secret_inputs_are_encrypted_and_stdout_is_not(stack: Stack) -> None:
    """Without a word from a provider, secrets pass to outputs of the same name only.

    pulumi-go-provider, `ensureDefaultSecrets`; the command provider says nothing else. Its version
    0.8.2 made every output secret, which was a regression (pulumi-command issue 256).
    """
    stack.declare(
        one={
            "create": "echo got $TOKEN",
            "environment": {"TOKEN": {"secret": "hunter2"}},
            "triggers": [{"secret": "trigger2"}],
        }
    )
    stack.pulumi.up()
    (command,) = stack.commands()
    for side in ("inputs", "outputs"):
        assert "ciphertext" in json.dumps(command[side]["environment"])
        assert "hunter2" not in json.dumps(command[side]["environment"])
        assert "trigger2" not in json.dumps(command[side]["triggers"])
    assert command["outputs"]["stdout"] == "got hunter2"


@pytest.mark.parametrize(
    ("logging", "shown"),
    [
        (None, {"line out", "line err"}),
        ("stdout", {"line out"}),
        ("stderr", {"line err"}),
        ("none", set[str]()),
    ],
)
def test_lines_show_while_the_command_runs(
    stack: Stack, logging: str | None, shown: set[str]
) -> None:
    create = "echo line out; echo line err >&2"
    stack.declare(one={"create": create, **({"logging": logging} if logging else {})})
    output = stack.pulumi.up().output
    assert {line for line in ("line out", "line err") if f"{line}\n" in output} == shown
    # They are a display, not a result.
    diagnostics = output.partition("Diagnostics:")[2].partition("Outputs:")[0]
    assert not re.search("line (out|err)", diagnostics)


# Being stopped


def test_a_time_limit_kills_the_command(stack: Stack) -> None:
    stack.declare(one={"create": ASLEEP, "_options": {"timeout": "1s"}})
    failed = stack.pulumi.up(check=False)
    assert failed.returncode != 0
    assert f'signal: killed: running "{ASLEEP}"' in failed.output
    assert stack.commands() == []


def test_a_grandchild_outlives_the_limit_and_is_waited_for(stack: Stack) -> None:
    late = f"sleep 5; {stack.note('still done')}"
    stack.declare(
        one={"create": f"({late}) & {stack.note('begun')}; wait", "_options": {"timeout": "2s"}}
    )
    assert stack.pulumi.up(check=False).returncode != 0
    assert stack.noted() == ["begun", "still done"]


@pytest.fixture
def running(stack: Stack, tmp_path: Path) -> Any:
    """A `pulumi up` in the middle of a long command: its process, and the command's."""
    pid = tmp_path / "pid"
    stack.declare(one={"create": f"echo $$ > {pid}; {ASLEEP}"})
    args = ("up", *stack.pulumi.changing())
    process = stack.pulumi.start(*args, log=tmp_path / "log")
    try:
        until(lambda: pid.exists() and pid.read_text() != "", "the command to start")
        yield process, int(pid.read_text())
    finally:
        for left in (process.pid, int(pid.read_text() or 0) if pid.exists() else 0):
            if left and alive(left):
                os.kill(left, signal.SIGKILL)
        process.wait()


Running = tuple["subprocess.Popen[bytes]", int]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_cancelling_kills_the_command(running: Running, stack: Stack, sent: signal.Signals) -> None:
    process, command = running
    left_behind = descendants(process.pid)
    process.send_signal(sent)
    assert process.wait(PATIENCE_SECONDS) != 0
    assert not alive(command)
    until(lambda: not any(map(alive, left_behind)), "every process to end")
    assert stack.commands() == []


def test_the_command_ends_with_a_killed_engine(running: Running) -> None:
    process, command = running
    process.kill()
    until(lambda: not alive(command), "the command to end")


@offline_only
def test_no_offline_plugin_outlives_a_killed_engine(running: Running) -> None:
    process, _ = running
    left_behind = descendants(process.pid)
    assert len(left_behind) >= 3
    process.kill()
    until(lambda: not any(map(alive, left_behind)), "every process to end")


# The offline plugins alone


@offline_only
def test_the_offline_plugins_say_that_they_serve(stack: Stack) -> None:
    stack.declare(one={"create": "true"})
    output = stack.pulumi.up().output
    assert "Pulumi's Python language host is not installed: the offline plugin" in output
    assert "Pulumi's command provider is not installed: the offline plugin" in output


@offline_only
@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"create": "true", "asset_paths": ["*"]}, "does not serve this input"),
        ({"create": "head -c 70000 /dev/zero | tr '\\0' x"}, "64 KiB or more"),
    ],
)
def test_what_the_offline_plugin_refuses(stack: Stack, inputs: dict[str, Any], words: str) -> None:
    stack.declare(one=inputs)
    failed = stack.pulumi.up(check=False)
    assert failed.returncode != 0
    assert words in failed.output
