"""Tells mistakes of configuration or set-up as Pulumi's own errors, without a traceback."""

from collections.abc import Generator
from contextlib import contextmanager

import pulumi

from images.errors import UserError


@contextmanager
def translate_errors() -> Generator[None]:
    """Ends the program on a UserError with nothing but its message."""
    try:
        yield
    except UserError as error:
        raise pulumi.RunError(str(error)) from None
