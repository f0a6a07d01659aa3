"""Jobs of one workflow on hosted runners, one after another, each where GitHub would start it.

As GitHub's documentation has it ("Using conditions to control job execution", "Passing information
between jobs"): a job waits for those in `needs` and is skipped where one of them has failed or was
skipped, unless its `if` asks for a status itself; what a step writes to GITHUB_OUTPUT is an output
of the step, and of the job where `outputs` names it. All jobs share one checkout here, so that what
one has uploaded is where the next one downloads it to.
"""

from dataclasses import dataclass, field

from tests.workflows.hosted_runner import Runner
from tests.workflows.workflow_files import Job, Step, job

SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"


@dataclass
class WorkflowRun:
    """`ended` says how each job did."""

    runner: Runner
    workflow: str
    ended: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, *names: str) -> "WorkflowRun":
        """Runs these jobs; what they need and is not among them is taken for done."""
        for name in names:
            one = job(self.workflow, name)
            self.ended[name] = self._run(one) if self._starts(one) else SKIPPED
        return self

    def _starts(self, one: Job) -> bool:
        needs: str | list[str] = one.body.get("needs", [])
        wanted = [needs] if isinstance(needs, str) else needs
        before = all(self.ended.get(name, SUCCESS) == SUCCESS for name in wanted)
        return before and self.runner.holds(one.body.get("if", "success()"))

    def _run(self, one: Job) -> str:
        self.runner.begin()
        self.runner.run(one)
        outputs: dict[str, str] = one.body.get("outputs", {})
        for name, expression in outputs.items():
            value = self.runner.text(expression, Step({}), one)
            self.runner.expressions[f"needs.{one.name}.outputs.{name}"] = value
        return FAILURE if self.runner.failed else SUCCESS
