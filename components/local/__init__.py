"""This machine: its settings, its images."""
