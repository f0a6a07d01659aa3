# Azure. The build `bake` makes a managed image and a snapshot, `verify` boots a fresh machine from it.
# Lines marked as such are left out for a Packer before 1.7 (bakery/packer/template.py).

variable "name" { type = string }
variable "throw_away" { type = bool }
variable "subscription" { type = string }
variable "tenant" { type = string }
variable "client_id" { type = string }
variable "by_cli" { type = bool }
variable "endpoint" { type = string }
variable "group" { type = string }
variable "build_group" { type = string }
variable "source_publisher" { type = string }
variable "source_offer" { type = string }
variable "source_sku" { type = string }
variable "source_version" { type = string }
variable "source_image" { type = string }
variable "source_group" { type = string }
variable "vm_size" { type = string }
variable "disk_gb" { type = number }
variable "prefix" { type = string }
variable "ssh_from" { type = list(string) }
variable "image_name" { type = string }
variable "snapshot_name" { type = string }
variable "azure_tags" { type = map(string) }

# From Packer's environment, never from a file.
variable "client_secret" {
  type      = string
  default   = ""
  sensitive = true
}
variable "oidc_request_url" {
  type    = string
  default = ""
}
variable "oidc_request_token" {
  type      = string
  default   = ""
  sensitive = true
}

source "azure-arm" "machine" {
  subscription_id    = var.subscription
  tenant_id          = var.tenant
  client_id          = var.client_id
  client_secret      = var.client_secret
  use_azure_cli_auth = var.by_cli
  oidc_request_url   = var.oidc_request_url   # newer Packer
  oidc_request_token = var.oidc_request_token # newer Packer
  # With its https://, for with a name alone the plugin asks Azure itself.
  metadata_host = var.endpoint # newer Packer

  build_resource_group_name    = var.build_group # and its location
  azure_tags                   = var.azure_tags
  custom_resource_build_prefix = var.prefix # says whose a disk is: Packer does not tag disks

  os_type                                  = "Linux"
  image_publisher                          = var.source_publisher
  image_offer                              = var.source_offer
  image_sku                                = var.source_sku
  image_version                            = var.source_version
  custom_managed_image_name                = var.source_image
  custom_managed_image_resource_group_name = var.source_group
  vm_size                                  = var.vm_size
  os_disk_size_gb                          = var.disk_gb
  allowed_inbound_ip_addresses             = var.ssh_from

  communicator             = "ssh"
  ssh_username             = "ubuntu"
  ssh_timeout              = "15m"
  polling_duration_timeout = "45m"

  managed_image_resource_group_name   = var.group
  managed_image_name                  = var.image_name
  managed_image_os_disk_snapshot_name = var.snapshot_name
  skip_create_image                   = var.throw_away # newer Packer
}
