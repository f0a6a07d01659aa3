"""The simulated Google Cloud: what its provider makes, in the project of gcp_project.py."""
