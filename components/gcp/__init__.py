"""Google Cloud: its settings, prerequisites, images."""
