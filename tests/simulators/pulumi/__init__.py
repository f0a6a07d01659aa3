"""A provider for Pulumi's engine whose cloud is a folder on disk, or whatever backs a type."""

import sys
from pathlib import Path

# What every plugin needs is there already: serving, property values, differences.
_OFFLINE = Path(__file__).resolve().parents[3] / "tools" / "offline"
if str(_OFFLINE) not in sys.path:
    sys.path.append(str(_OFFLINE))
