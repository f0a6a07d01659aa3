"""The stack's configuration as Pulumi hands it to the program."""

from pulumi.runtime.config import CONFIG, get_config_env


def stack_config() -> dict[str, str]:
    """All of it; Pulumi's Config only answers for keys that one knows."""
    return {**get_config_env(), **CONFIG.get()}
