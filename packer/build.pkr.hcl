# What happens in the machines of every cloud: the build `bake` makes content, `verify` boots a fresh
# machine from it and runs the checks. The cloud's own file has the machine. Packer gets a copy of both, in
# which the cloud's builder stands for `null` (bakery/packer/template.py): it takes no variable there.

variable "results" { type = string }
variable "environment" { type = list(string) }
variable "prepare" { type = list(string) }
variable "install" { type = list(string) }
variable "seal" { type = list(string) }
variable "checks" { type = list(string) }
variable "registry_mirror" {
  type    = string
  default = ""
}

build {
  name    = "bake"
  sources = ["source.null.machine"]

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
  provisioner "shell" {
    scripts          = var.seal
    environment_vars = var.environment
    execute_command  = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
    skip_clean       = true
  }
}

build {
  name    = "verify"
  sources = ["source.null.machine"]

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
