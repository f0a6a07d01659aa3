"""Oracle Cloud: its settings."""
