#!/usr/bin/env bash
# ufw is there for dstack to set up at boot, and nothing blocks before.
set -euo pipefail

if ! status=$(ufw status 2>&1); then
  echo "ufw does not work: $status"
  exit 1
fi
if [[ $status != "Status: inactive" ]]; then
  echo "ufw is not inactive: $status"
  exit 1
fi
blocking=$(iptables -S INPUT | grep -E 'DROP|REJECT') || true
if [[ -n $blocking ]]; then
  # Oracle's own Ubuntu images come with such rules
  echo "rules that block: $blocking"
  [[ ${IMAGE_CLOUD:?} == oci ]] || exit 1
fi
chain=InstanceServices
if [[ ${IMAGE_CLOUD:?} == oci ]] && grep -qs -- "-j $chain" /etc/iptables/rules.v4; then
  if ! iptables -S OUTPUT | grep -q -- "-j $chain"; then
    echo "Oracle's rules for its own services are not in force: no rule goes to the chain $chain"
    exit 1
  fi
fi
echo "ufw is inactive"
