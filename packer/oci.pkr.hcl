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
variable "results" { type = string }
variable "environment" { type = list(string) }
variable "prepare" { type = list(string) }
variable "install" { type = list(string) }
variable "seal" { type = list(string) }
variable "checks" { type = list(string) }

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

build {
  name    = "bake"
  sources = ["source.oracle-oci.machine"]

  provisioner "file" {
    source      = "packer/provision/lib.sh"
    destination = "/var/tmp/dstack-lib.sh"
  }
  provisioner "shell" {
    scripts          = var.prepare
    environment_vars = var.environment
    execute_command  = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
  }
  provisioner "shell" {
    script            = "packer/provision/reboot.sh"
    environment_vars  = var.environment
    execute_command   = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
    expect_disconnect = true
    skip_clean        = true # where it restarts, an older Packer would wait a minute to remove it
  }
  provisioner "shell" {
    scripts          = var.install
    environment_vars = var.environment
    execute_command  = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
  }
  provisioner "file" {
    direction   = "download"
    source      = "/var/lib/dstack-image/inventory.json"
    destination = "${var.results}/inventory.json"
  }
  provisioner "file" {
    direction   = "download"
    source      = "/var/lib/dstack-image/packages.txt"
    destination = "${var.results}/packages.txt"
  }
  provisioner "shell" {
    scripts          = var.seal
    environment_vars = var.environment
    execute_command  = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
    skip_clean       = true
  }
}

build {
  name    = "verify"
  sources = ["source.oracle-oci.machine"]

  provisioner "shell" {
    inline = ["mkdir -p /tmp/checks"]
  }
  provisioner "file" {
    source      = "packer/checks/"
    destination = "/tmp/checks"
  }
  provisioner "shell" {
    inline           = ["bash /tmp/checks/run /tmp/checks.json ${join(" ", var.checks)}"]
    environment_vars = var.environment
    execute_command  = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
  }
  provisioner "file" {
    direction   = "download"
    source      = "/tmp/checks.json"
    destination = "${var.results}/checks.json"
  }
}
