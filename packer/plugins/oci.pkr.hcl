# For Packer 1.7 and newer, installed by the bakery with `packer init`. Older ones have Oracle Cloud built in and
# refuse this block, so it is a file of its own.
packer {
  required_plugins {
    oracle = {
      version = "= 1.1.2"
      source  = "github.com/hashicorp/oracle"
    }
  }
}
