"""The command behind every bake: drives Packer, finds and discards bakes. Knows no Pulumi."""
