#!/usr/bin/env bash
# Azure's GRID driver does not build for newer kernels: installs the newest of the series and pins it.
set -euo pipefail
step=grid-kernel
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

require GRID_KERNEL
[[ $GRID_KERNEL =~ ^[0-9]+\.[0-9]+$ ]] || die "GRID_KERNEL is \"$GRID_KERNEL\"; it takes a series such as 6.8"

apt_update
# By number: revision 1025 is newer than 999.
offered=$(apt-cache pkgnames "linux-image-$GRID_KERNEL.0-" |
  grep -Ex "linux-image-$GRID_KERNEL\.0-[0-9]+-azure" | sort -V) || true
kernel=
for package in $offered; do
  # a name can be known without a package behind it
  if is_available "$package"; then kernel=${package#linux-image-}; fi
done
[[ -n $kernel ]] || die "no package source offers a kernel linux-image-$GRID_KERNEL.0-N-azure"

apt_install "linux-image-$kernel" "linux-headers-$kernel"

# A later name wins over the settings of the cloud's image.
choice=/etc/default/grub.d/99-dstack-kernel.cfg
mkdir -p /etc/default/grub.d
rm -f "$choice"
update-grub
menu=/boot/grub/grub.cfg
submenu=$(grep -oE "gnulinux-advanced-[^' ]+" "$menu" | head -n 1) || true
entry=$(grep -oE "gnulinux-${kernel//./\\.}-advanced-[^' ]+" "$menu" | head -n 1) || true
[[ -n $submenu && -n $entry ]] || die "GRUB's menu $menu has no entry for kernel $kernel"
printf 'GRUB_DEFAULT="%s>%s"\n' "$submenu" "$entry" >"$choice"
update-grub
grep -qF "$submenu>$entry" "$menu" || die "GRUB did not take kernel $kernel as its default"

# The meta packages would bring a newer kernel and its headers.
mapfile -t packages < <(installed_packages "linux-.*-${kernel//./\\.}|linux-.*-${kernel%-azure}" &&
  installed_packages 'linux-(image-|headers-|tools-|cloud-tools-|modules-extra-)?azure(-.*)?')
hold "${packages[@]}"
printf '%s\n' "$kernel" >"$facts/pinned-kernel"
say "pinned kernel $kernel"
