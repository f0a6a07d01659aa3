"""AWS: its settings, prerequisites, images."""
