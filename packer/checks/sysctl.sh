#!/usr/bin/env bash
# Kernel settings of these images are in force, and outgoing ports are not narrowed.
set -euo pipefail

wrong=0
expect() {
  local found
  found=$(sysctl --values "$1" | xargs)
  if [[ $found != "$2" ]]; then
    echo "$1 is $found, expected is $2"
    wrong=1
  fi
}
expect vm.swappiness 0
expect net.core.rmem_max 16777216
expect net.core.wmem_max 16777216
expect net.ipv4.ip_local_port_range "32768 60999"
[[ $wrong -ne 0 ]] || echo "in force"
exit $wrong
