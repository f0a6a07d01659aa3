"""Oracle Cloud: its settings, prerequisites, images."""
