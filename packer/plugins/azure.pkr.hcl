# For Packer 1.7 and newer, installed by the bakery with `packer init`. Older ones have Azure built in and
# refuse this block, so it is a file of its own.
packer {
  required_plugins {
    azure = {
      version = "= 2.6.3"
      source  = "github.com/hashicorp/azure"
    }
  }
}
