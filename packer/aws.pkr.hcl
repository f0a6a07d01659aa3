# AWS. The build `bake` makes an AMI, `verify` boots a fresh machine from it.
# Lines marked as such are left out for a Packer before 1.7 (bakery/packer/template.py).

variable "name" { type = string }
variable "image_name" { type = string }
variable "throw_away" { type = bool }
variable "region" { type = string }
variable "endpoint" { type = string }
variable "source" { type = string }
variable "instance_type" { type = string }
variable "disk_gb" { type = number }
variable "volume_type" { type = string }
variable "subnet" { type = string }
variable "security_group" { type = string }
variable "ssh_from" { type = list(string) }
variable "ssh_host" { type = string }
variable "ssh_port" { type = number }
variable "ssh_key_pair" { type = string }
variable "ssh_private_key_file" { type = string }
variable "temporary_key_pair" { type = string }
variable "run_tags" { type = map(string) }
variable "image_tags" { type = map(string) }

source "amazon-ebs" "machine" {
  region              = var.region
  custom_endpoint_ec2 = var.endpoint

  source_ami    = var.source
  instance_type = var.instance_type
  launch_block_device_mappings {
    device_name           = "/dev/sda1" # where servers give the root disk its size
    volume_size           = var.disk_gb
    volume_type           = var.volume_type
    delete_on_termination = true
  }
  metadata_options { # newer Packer
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  run_tags        = var.run_tags
  run_volume_tags = var.run_tags

  subnet_id                             = var.subnet
  associate_public_ip_address           = true
  security_group_id                     = var.security_group
  temporary_security_group_source_cidrs = var.ssh_from

  communicator              = "ssh"
  ssh_username              = "ubuntu"
  ssh_host                  = var.ssh_host
  ssh_port                  = var.ssh_port
  ssh_keypair_name          = var.ssh_key_pair
  ssh_private_key_file      = var.ssh_private_key_file
  temporary_key_pair_name   = var.temporary_key_pair
  temporary_key_pair_type   = "ed25519" # newer Packer
  ssh_clear_authorized_keys = true
  ssh_timeout               = "10m"

  ami_name        = var.image_name
  ami_description = "dstack ${var.name}"
  skip_create_ami = var.throw_away # newer Packer
  imds_support    = "v2.0"         # newer Packer
  tags            = var.image_tags
  snapshot_tags   = var.image_tags
}
