"""Day-2 commands: `python -m ops ...`. Nothing is removed without being shown first."""
