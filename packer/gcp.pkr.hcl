# Google Cloud. The build `bake` makes an image, `verify` boots a fresh machine from it.
# Lines marked as such are left out for a Packer before 1.7 (bakery/packer/template.py).

variable "name" { type = string }
variable "run" { type = string }
variable "throw_away" { type = bool }
variable "project" { type = string }
variable "zone" { type = string }
variable "endpoint" { type = string }
variable "source" { type = string }
variable "source_project" { type = string }
variable "features" { type = list(string) }
variable "machine_type" { type = string }
variable "maintenance" { type = string }
variable "disk_gb" { type = number }
variable "disk_name" { type = string }
variable "subnet" { type = string }
variable "iap" { type = bool }
variable "storage_location" { type = string }
variable "run_labels" { type = map(string) }
variable "image_labels" { type = map(string) }

source "googlecompute" "machine" {
  project_id = var.project
  zone       = var.zone
  custom_endpoints = { # newer Packer
    compute = var.endpoint == "" ? "" : "${var.endpoint}/compute/v1/"
  }

  source_image            = var.source
  source_image_project_id = [var.source_project]
  machine_type            = var.machine_type
  on_host_maintenance     = var.maintenance
  disk_name               = var.disk_name # says whose it is: Packer does not label disks
  disk_size               = var.disk_gb
  disk_type               = "pd-balanced" # the one that machines with GPUs take as well
  instance_name           = var.run
  labels                  = var.run_labels

  disable_default_service_account = true # whoever gets into the machine has no rights here
  subnetwork                      = var.subnet
  use_iap                         = var.iap

  communicator              = "ssh"
  ssh_username              = "ubuntu"
  temporary_key_pair_type   = "ed25519"
  ssh_clear_authorized_keys = true
  ssh_timeout               = "10m"
  use_os_login              = false
  metadata = {
    block-project-ssh-keys = "TRUE"
  }

  image_name              = var.run
  image_description       = "dstack ${var.name}"
  image_labels            = var.image_labels
  image_storage_locations = [var.storage_location]
  image_guest_os_features = var.features # newer Packer
  skip_create_image       = var.throw_away
}
