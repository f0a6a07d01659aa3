#!/usr/bin/env bash
# Installs Microsoft's build of NVIDIA's GRID driver, for Azure's shared A10 GPUs.
set -euo pipefail
step=grid-driver
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

require GRID_URL GRID_SHA256
[[ ${GRID_SHA256,,} =~ ^[0-9a-f]{64}$ ]] || die "GRID_SHA256 is \"$GRID_SHA256\"; it takes 64 hexadecimal digits"
require_boot_kernel

installer=$work/grid.run
trap 'rm -f "$installer"' EXIT
download "$GRID_URL" "$installer"
found=$(sha256sum "$installer" | cut -d' ' -f1)
[[ $found == "${GRID_SHA256,,}" ]] || die "$GRID_URL has the SHA-256 sum $found, expected is $GRID_SHA256"

apt_update
apt_install build-essential "linux-headers-$(uname -r)"

cat >/etc/modprobe.d/dstack-nouveau.conf <<'END'
blacklist nouveau
options nouveau modeset=0
END
update-initramfs -u -k "$(uname -r)"

# Not through DKMS: the kernel is pinned, and for a newer one the driver could not be built anyway.
sh "$installer" --silent --disable-nouveau --no-dkms ||
  die "NVIDIA's installer failed:"$'\n'"$(tail -n 30 /var/log/nvidia-installer.log 2>/dev/null)"
version=$(module_version)

template=/etc/nvidia/gridd.conf.template
[[ -s $template ]] || die "the driver brought no $template"
{
  grep -Ev '^[[:space:]]*(FeatureType|IgnoreSP|EnableUI)[[:space:]]*=' "$template"
  printf 'IgnoreSP=FALSE\nEnableUI=FALSE\n'
} >/etc/nvidia/gridd.conf
say "GRID driver $version for kernel $(uname -r)"
