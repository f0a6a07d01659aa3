# This machine: QEMU. The build `bake` makes content, `verify` boots a fresh machine from it.

variable "name" { type = string }
variable "source" { type = string }
variable "source_checksum" { type = string }
variable "throw_away" { type = bool }
variable "output" { type = string }
variable "accelerator" { type = string }
variable "machine" { type = list(list(string)) }
variable "console" { type = list(list(string)) }
variable "cpus" { type = number }
variable "memory_mb" { type = number }
variable "disk_gb" { type = number }
variable "seed" { type = string }
variable "ssh_private_key_file" { type = string }
variable "ssh_timeout" { type = string }

source "qemu" "machine" {
  vm_name          = var.name
  iso_url          = var.source
  iso_checksum     = var.source_checksum
  disk_image       = true
  skip_compaction  = var.throw_away
  disk_size        = "${var.disk_gb}G"
  disk_interface   = "virtio"
  disk_discard     = "unmap"
  disk_cache       = "unsafe" # what a killed machine loses is thrown away anyway
  format           = "qcow2"
  output_directory = var.output
  http_directory   = var.seed

  accelerator = var.accelerator
  cpus        = var.cpus
  memory      = var.memory_mb
  net_device  = "virtio-net"
  headless    = true
  disable_vnc = true
  qemuargs = concat(var.machine, var.console, [
    ["-smbios", "type=1,serial=ds=nocloud-net;s=http://10.0.2.2:{{ .HTTPPort }}/"],
    ["-device", "virtio-rng-pci"],
    # the builder's own forwards to all of this machine's addresses
    ["-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"],
  ])

  communicator         = "ssh"
  ssh_username         = "ubuntu"
  ssh_private_key_file = var.ssh_private_key_file
  ssh_timeout          = var.ssh_timeout
  shutdown_command     = "sudo systemctl poweroff"
}
