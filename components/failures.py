"""What one failure leaves of an update that goes on (`pulumi up --continue-on-error`)."""

import pulumi
from pulumi.output import Unknown

#: Nobody is asked for it: whatever has it as an input is skipped.
_PLACEHOLDER = "made-of-something-that-failed"


def required(value: pulumi.Output[str], placeholder: str = _PLACEHOLDER) -> pulumi.Output[str]:
    """Return an input that its resource cannot be without, for one that may never be known.

    What a failed resource would have given is unknown. The engine skips whatever depends on it,
    but only after its provider has checked the inputs, and what is unknown is left out of those:
    an input that is required is then missing, which ends the whole update (Pulumi's engine,
    `step_generator.go`: unknown values are for previews alone; `deployment_executor.go`: steps
    are left out by what they depend on).
    """

    def known(value: object) -> str:
        return placeholder if isinstance(value, Unknown) else str(value)

    return value.apply(known, run_with_unknowns=not pulumi.runtime.is_dry_run())
