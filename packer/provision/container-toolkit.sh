#!/usr/bin/env bash
# Installs NVIDIA's container toolkit and makes its runtime known to Docker.
set -euo pipefail
step=container-toolkit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

repository=${TOOLKIT_REPOSITORY:-https://nvidia.github.io/libnvidia-container}
version=${TOOLKIT_VERSION:-}
packages=(nvidia-container-toolkit nvidia-container-toolkit-base libnvidia-container-tools
  libnvidia-container1)

add_repository container-toolkit "$repository/gpgkey" \
  "${TOOLKIT_KEY_FINGERPRINT:-C95B321B61E88C1809C4F759DDCAE044F796ECB0}" \
  "$repository/stable/deb/$(dpkg --print-architecture) /"

# NVIDIA's CUDA repository has these packages too. For this installation apt sees the toolkit's
# repository alone, so there is nowhere else to take them from; what they need is in every system.
only=$work/toolkit-sources
mkdir -p "$only"
cp /etc/apt/sources.list.d/dstack-container-toolkit.list "$only/"
apt_sources=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$only"
  -o APT::Get::List-Cleanup=false)
apt_update

offered=$(apt-cache "${apt_sources[@]}" madison "${packages[0]}" | awk '{ print $3 }')
[[ -n $offered ]] || die "$repository offers no ${packages[0]}"
exact=
for candidate in $offered; do # newest first
  if [[ -z $version || $candidate == "$version" || $(upstream_version "$candidate") == "$version" ]]; then
    exact=$candidate
    break
  fi
done
[[ -n $exact ]] || die "TOOLKIT_VERSION $version is not available; available are: $(xargs <<<"$offered")"

# A version that the CUDA repository brought already gives way, also to an older one.
apt_install --allow-downgrades --allow-change-held-packages "${packages[@]/%/=$exact}"
hold "${packages[@]}"
apt_sources=()

nvidia-ctk runtime configure --runtime=docker
use_cgroupfs
restart_docker
jq -e '.runtimes.nvidia and (."exec-opts" | index("native.cgroupdriver=cgroupfs"))' \
  "$docker_settings" >/dev/null || die "$docker_settings lacks the NVIDIA runtime or the cgroup driver"
say "NVIDIA container toolkit $exact"
