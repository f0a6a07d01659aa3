# For Packer 1.7 and newer, installed by the bakery with `packer init`. Older ones have Google Cloud built in and
# refuse this block, so it is a file of its own.
packer {
  required_plugins {
    googlecompute = {
      version = "= 1.2.7"
      source  = "github.com/hashicorp/googlecompute"
    }
  }
}
