"""What an image takes of a cloud."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Takes:
    """What one variant takes: machines, its disk, and how often an image of it is kept.

    `kept` is of each release, `content` of the bake; `sent` is how many regions get a copy.
    """

    machine: str
    verify_machine: str
    disk_gb: int
    kept: int
    content: int
    sent: int
