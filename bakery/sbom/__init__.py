"""Bills of materials: SPDX documents, made of what a machine said before it became an image."""
