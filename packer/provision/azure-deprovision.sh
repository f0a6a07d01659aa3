#!/usr/bin/env bash
# Azure only, and last: its agent removes what it made for this machine, the login user too.
# Comes after "clean", which has removed the steps' library: this one does without.
set -euo pipefail

die() {
  echo "azure-deprovision: error: $*" >&2
  exit 1
}

[[ $EUID -eq 0 ]] || die "must run as root"
[[ ${IMAGE_CLOUD:-} == azure ]] || die "this step is for Azure, not for ${IMAGE_CLOUD:-an unnamed cloud}"
command -v waagent >/dev/null || die "this source image has no Azure agent (waagent)"

export HISTSIZE=0
waagent -force -deprovision+user
sync
