# For Packer 1.7 and newer, installed by the bakery with `packer init`. Older ones have AWS built in and
# refuse this block, so it is a file of its own.
packer {
  required_plugins {
    amazon = {
      version = "= 1.8.2"
      source  = "github.com/hashicorp/amazon"
    }
  }
}
