#!/usr/bin/env bash
# The programs that dstack's boot commands, shim and runner call.
set -euo pipefail

tools=(
  curl jq ufw sudo sysctl sshd cloud-init
  mount umount mountpoint findmnt lsblk blkid losetup fallocate
  mkfs.ext4 e2fsck resize2fs growpart iptables docker
)
missing=()
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  echo "missing: ${missing[*]}"
  exit 1
fi
echo "${#tools[@]} programs are there"
