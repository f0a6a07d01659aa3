# Oracle Cloud. The build `bake` makes an image, `verify` boots a fresh machine from it.
# Lines marked as such are left out for a Packer before 1.7 (bakery/packer/template.py).

variable "name" { type = string }
variable "run" { type = string }
variable "throw_away" { type = bool }
variable "access_file" { type = string }
variable "region" { type = string }
variable "compartment" { type = string }
variable "availability_domain" { type = string }
variable "subnet" { type = string }
variable "shape" { type = string }
variable "source" { type = string }
variable "disk_gb" { type = number }
variable "run_tags" { type = map(string) }
variable "image_tags" { type = map(string) }

source "oracle-oci" "machine" {
  access_cfg_file         = var.access_file # or it looks in the account's home, whatever HOME says
  access_cfg_file_account = "DEFAULT"
  region                  = var.region

  availability_domain                                 = var.availability_domain
  base_image_ocid                                     = var.source
  compartment_ocid                                    = var.compartment
  disk_size                                           = var.disk_gb
  instance_name                                       = var.run
  instance_options_are_legacy_imds_endpoints_disabled = true # newer Packer
  instance_tags                                       = var.run_tags
  shape                                               = var.shape
  subnet_ocid                                         = var.subnet
  create_vnic_details {
    assign_public_ip = true
    tags             = var.run_tags
  }

  communicator = "ssh"
  ssh_username = "ubuntu"
  ssh_timeout  = "10m"

  image_name        = var.run
  tags              = var.image_tags
  skip_create_image = var.throw_away # newer Packer
}
