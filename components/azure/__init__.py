"""Azure: its settings, prerequisites, images."""
