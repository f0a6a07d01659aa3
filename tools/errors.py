class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


class Unavailable(Exception):
    """One way to get something is closed here; the next way is tried."""
