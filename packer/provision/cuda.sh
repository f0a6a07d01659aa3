#!/usr/bin/env bash
# Installs NVIDIA's driver with open modules, fabric manager and DCGM from NVIDIA's repository.
set -euo pipefail
step=cuda
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

require NVIDIA_BRANCH
[[ $NVIDIA_BRANCH =~ ^[0-9]+$ ]] || die "NVIDIA_BRANCH is \"$NVIDIA_BRANCH\"; it takes a number such as 580"
require_boot_kernel

# shellcheck source=/dev/null
. /etc/os-release
repository=${CUDA_REPOSITORY:-https://developer.download.nvidia.com/compute/cuda/repos/$ID${VERSION_ID//./}/x86_64}
fingerprint=${CUDA_KEY_FINGERPRINT:-EB693B3035CD5710E231E123A4B469963BF863CC}
key_id=${fingerprint: -8}
add_repository cuda "$repository/${key_id,,}.pub" "$fingerprint" "$repository/ /"

# NVIDIA's packages before the distribution's of the same name. For all packages: apt follows the
# first pin that names a package, so one that named NVIDIA's would shut out the pinning package's.
cat >/etc/apt/preferences.d/dstack-cuda <<'END'
Package: *
Pin: release l=NVIDIA CUDA
Pin-Priority: 600
END
apt_update

apt_install build-essential "linux-headers-$(uname -r)"
# Alone and first: it decides about the versions of everything below.
apt_install "nvidia-driver-pinning-$NVIDIA_BRANCH"
apt_install nvidia-open nvidia-fabricmanager datacenter-gpu-manager-4-core \
  datacenter-gpu-manager-4-proprietary datacenter-gpu-manager-exporter

# A pin of the meta package does not bind its parts, so all parts are looked at: with different
# versions of driver and fabric manager, machines with NVSwitch have no usable GPU.
parts='nvidia-(open|driver|dkms|kernel|firmware|fabricmanager|compute-utils|utils)(-.*)?'
parts+='|libnvidia-(compute|cfg1)(-.*)?'
versions=
while read -r package; do
  # these have version numbers of their own
  [[ $package != nvidia-driver-@(pinning|assistant)* ]] || continue
  versions+="$(upstream_version "$(installed_version "$package")") $package"$'\n'
done < <(installed_packages "$parts")
versions+="$(module_version) module for kernel $(uname -r)"
distinct=$(awk '{ print $1 }' <<<"$versions" | sort -Vu)
[[ $(wc -l <<<"$distinct") -eq 1 ]] ||
  die "driver and fabric manager must have one version, found ${distinct//$'\n'/ and }:"$'\n'"$versions"
[[ $distinct == "$NVIDIA_BRANCH".* ]] || die "the driver is $distinct, not of branch $NVIDIA_BRANCH"

# Without NVSwitch it fails at boot, harmlessly.
systemctl enable nvidia-fabricmanager.service

mapfile -t packages < <(installed_packages '.*nvidia.*|cuda-.*|datacenter-gpu-manager.*')
hold "${packages[@]}"
say "driver $distinct for kernel $(uname -r)"
