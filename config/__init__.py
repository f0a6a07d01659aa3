"""The configuration of a stack: every key, described once, and how a stack's file is read."""
