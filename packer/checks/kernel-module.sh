#!/usr/bin/env bash
# The running kernel has NVIDIA's module, in the version of everything that goes with it.
# No GPU is needed: the module is looked at, not loaded.
set -euo pipefail

kernel=$(uname -r)
if ! module=$(modinfo -F version nvidia 2>&1); then
  echo "there is no nvidia module for the running kernel $kernel: $module"
  exit 1
fi
wrong=0
expect() {
  if [[ $2 != "$3" ]]; then
    echo "$1 is ${2:-missing}, expected is $3"
    wrong=1
  fi
}
inventory=/var/lib/dstack-image/inventory.json
expect "the kernel" "$kernel" "$(jq -r .versions.kernel "$inventory")"
expect "the module" "$module" "$(jq -r .versions.driver "$inventory")"
if [[ -s /var/lib/dstack-image/pinned-kernel ]]; then
  expect "the kernel" "$kernel" "$(</var/lib/dstack-image/pinned-kernel)"
fi

case ${IMAGE_VARIANT:?} in
  cuda)
    # shellcheck disable=SC2016 # dpkg's variable
    manager=$(dpkg-query --show --showformat='${Version}' nvidia-fabricmanager 2>/dev/null) || true
    manager=${manager#*:}
    expect "the fabric manager" "${manager%-*}" "$module"
    ;;
  grid)
    if [[ ! -s /var/lib/dstack-image/pinned-kernel ]]; then
      echo "no kernel is pinned, and GRID's driver needs an old one"
      wrong=1
    fi
    ;;
esac
if [[ -d /sys/module/nouveau ]]; then
  echo "the module nouveau is loaded, which keeps NVIDIA's from its GPU"
  wrong=1
fi
echo "module $module, kernel $kernel"
exit $wrong
