#!/usr/bin/env bash
# Waits until the first boot is over: until then cloud-init changes packages and accounts.
set -euo pipefail
step=await-cloud-init
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

limit=600 # seconds

command -v cloud-init >/dev/null || die "this source image has no cloud-init; dstack needs it"

status=0
output=$(timeout "$limit" cloud-init status --wait --long 2>&1) || status=$?
case $status in
  0) say "cloud-init is done" ;;
  2) say "cloud-init is done, with faults it could recover from:"$'\n'"$output" ;;
  124) die "cloud-init is not done after $limit s:"$'\n'"$output" ;;
  *) die "cloud-init failed:"$'\n'"$output" ;;
esac
