# For Packer 1.7 and newer, installed by set-up with `packer init`. Older ones have QEMU built in and
# refuse this block, so it is a file of its own.
packer {
  required_plugins {
    qemu = {
      version = "= 1.1.3"
      source  = "github.com/hashicorp/qemu"
    }
  }
}
