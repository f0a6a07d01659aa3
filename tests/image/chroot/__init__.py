"""Root file systems in which provisioning steps run for real, short of systemd and Docker."""
