"""Signed apt repositories of stub packages, served from this machine."""
