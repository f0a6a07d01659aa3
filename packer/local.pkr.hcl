# This machine: QEMU. The build `bake` makes content, `verify` boots a fresh machine from it.

variable "name" { type = string }
variable "source" { type = string }
variable "source_checksum" { type = string }
variable "throw_away" { type = bool }
variable "output" { type = string }
variable "results" { type = string }
variable "accelerator" { type = string }
variable "machine" { type = list(list(string)) }
variable "console" { type = list(list(string)) }
variable "cpus" { type = number }
variable "memory_mb" { type = number }
variable "disk_gb" { type = number }
variable "seed" { type = string }
variable "ssh_private_key_file" { type = string }
variable "ssh_timeout" { type = string }
variable "registry_mirror" { type = string }
variable "environment" { type = list(string) }
variable "prepare" { type = list(string) }
variable "install" { type = list(string) }
variable "seal" { type = list(string) }
variable "checks" { type = list(string) }

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

build {
  name    = "bake"
  sources = ["source.qemu.machine"]

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
    environment_vars = concat(var.environment, ["REGISTRY_MIRROR=${var.registry_mirror}"])
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
  provisioner "file" {
    direction   = "download"
    source      = "/var/tmp/dstack-image/package-database.tar.gz"
    destination = "${var.results}/package-database.tar.gz"
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
  sources = ["source.qemu.machine"]

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
