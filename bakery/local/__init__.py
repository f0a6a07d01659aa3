"""This machine as a cloud: QEMU makes machines, a folder keeps what they become."""
