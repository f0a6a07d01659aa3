"""Simulated clouds: what each answers, by the primary source that its module names."""
