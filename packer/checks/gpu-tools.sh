#!/usr/bin/env bash
# Programs and settings for GPUs that dstack's shim and its metrics use, by variant.
set -euo pipefail

wrong=0
there() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || {
      echo "$tool is missing"
      wrong=1
    }
  done
}
enabled() {
  local state
  state=$(systemctl is-enabled "$1" 2>/dev/null) || true
  [[ $state == enabled ]] || {
    echo "$1 is ${state:-missing}, expected is enabled"
    wrong=1
  }
}

there nvidia-smi nvidia-ctk nvidia-container-runtime
case ${IMAGE_VARIANT:?} in
  cuda)
    there dcgm-exporter dcgmi nv-fabricmanager
    enabled nvidia-fabricmanager.service
    ;;
  grid)
    there nvidia-gridd
    for setting in IgnoreSP=FALSE EnableUI=FALSE; do
      grep -qx "$setting" /etc/nvidia/gridd.conf || {
        echo "/etc/nvidia/gridd.conf does not say $setting"
        wrong=1
      }
    done
    ;;
  a3mega) there dcgm-exporter ;;
esac
# metrics and health need libdcgm 4; DCGM is not part of GRID images
if [[ $IMAGE_VARIANT != grid && $(ldconfig --print-cache) != *libdcgm.so.4* ]]; then
  echo "libdcgm.so.4 is missing"
  wrong=1
fi
[[ $wrong -ne 0 ]] || echo "all there for $IMAGE_VARIANT"
exit $wrong
