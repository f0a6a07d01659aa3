#!/usr/bin/env bash
# Installs what dstack needs at boot, and what its images have always had.
set -euo pipefail
step=packages
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

# dstack's boot commands, shim and runner call these.
required=(
  ca-certificates cloud-guest-utils curl e2fsprogs gpg iptables jq kmod mount openssh-server procps
  sudo ufw util-linux
)
# Nothing of dstack calls these. Users' scripts may.
heritage=(
  coreutils gdb htop ifstat net-tools nvme-cli python3-boto python3-boto3 python3-pip ssl-cert
  sysstat tree unrar unzip zip
)

# One question for all: each takes apt seconds where the machine is emulated.
offered=$(apt-cache madison "${required[@]}" "${heritage[@]}" | awk '{ print $1 }' | sort -u)
is_offered() { grep -qx -- "$1" <<<"$offered"; }

missing=() fabrics=()
for package in "${required[@]}"; do
  is_offered "$package" || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] || die "no package source offers ${missing[*]}, which dstack needs"

available=()
for package in "${heritage[@]}"; do
  if is_offered "$package"; then available+=("$package"); else missing+=("$package"); fi
done
if [[ ${#missing[@]} -gt 0 ]]; then
  say "not in this distribution, left out: ${missing[*]}"
fi

apt_install_unstarted "${required[@]}" "${available[@]}"
systemctl daemon-reload

# Beside its command, nvme-cli has the kernel's NVMe over Fabrics loaded and tried at each boot.
for unit in nvmf-autoconnect.service nvmefc-boot-connections.service; do
  if [[ -e /lib/systemd/system/$unit ]]; then fabrics+=("$unit"); fi
done
if [[ ${#fabrics[@]} -gt 0 ]]; then systemctl disable "${fabrics[@]}"; fi

if [[ -n $(installed_version ec2-instance-connect) ]]; then
  apt_get purge ec2-instance-connect
fi

# remove_snap NAME: waits while snapd changes it by itself
remove_snap() {
  local started=$SECONDS output
  until output=$(snap remove --purge "$1" 2>&1); do
    grep -q 'change in progress' <<<"$output" || die "cannot remove the snap $1: $output"
    ((SECONDS - started < 300)) || die "snapd has not let go of $1 for 300 s: $output"
    say "waits for snapd: $output"
    sleep 5
  done
}

# dstack wants neither Amazon's agent nor snapd. Oracle's agent is a snap, and keeps snapd.
if [[ -n $(installed_version snapd) ]]; then
  snaps=$({ timeout 300 snap wait system seed.loaded && snap list; } 2>&1) ||
    die "snapd does not answer: $snaps"
  if grep -q '^amazon-ssm-agent ' <<<"$snaps"; then remove_snap amazon-ssm-agent; fi
  if grep -q '^oracle-cloud-agent ' <<<"$snaps"; then
    say "snapd stays, it delivers oracle-cloud-agent"
  else
    apt_get purge snapd
  fi
fi
