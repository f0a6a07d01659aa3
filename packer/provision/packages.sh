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

missing=()
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

if [[ -n $(installed_version ec2-instance-connect) ]]; then
  apt_get purge ec2-instance-connect
fi

# dstack wants neither this agent nor snapd. An agent that a cloud delivers as a snap keeps snapd.
if [[ -n $(installed_version snapd) ]]; then
  if snap list amazon-ssm-agent >/dev/null 2>&1; then snap remove --purge amazon-ssm-agent; fi
  others=$(snap list 2>/dev/null | awk 'NR > 1 && $1 !~ /^(core[0-9]*|bare|snapd)$/ { print $1 }')
  if [[ -n $others ]]; then
    say "snapd stays, it delivers: ${others//$'\n'/ }"
  else
    apt_get purge snapd
  fi
fi
