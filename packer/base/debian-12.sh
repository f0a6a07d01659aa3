#!/usr/bin/env bash
# Makes a Debian 12 cloud image (UEFI, cloud-init, user "ubuntu") from Debian's packages alone.
# It stands in for the Ubuntu cloud image where that one cannot be downloaded.
# Needs neither root nor loop devices: file systems are filled as files.
#
# Usage: debian-12.sh OUTPUT.qcow2
set -euo pipefail

if [[ $# -ne 1 ]]; then
  echo "usage: $0 OUTPUT.qcow2" >&2
  exit 2
fi

output=$(realpath "$1")
disk_size=4G
esp_start_mib=1
esp_mib=255 # three kernels with their initramfs; ends where the root partition starts
root_start_mib=$((esp_start_mib + esp_mib))

phase() { printf 'phase: %s\n' "$*"; }

packages=(
  # start and devices
  systemd-sysv systemd-boot udev dbus libpam-systemd linux-image-cloud-amd64 initramfs-tools zstd
  # what cloud images bring: first boot, growth of the root, login, names and time
  cloud-init cloud-guest-utils fdisk e2fsprogs dosfstools openssh-server sudo
  systemd-resolved libnss-resolve ca-certificates gpgv debian-archive-keyring
  # what provisioning scripts take for granted
  procps kmod iproute2 netbase curl python3 less
)

# The guest gets the package sources of this machine, so that it reaches what this machine reaches.
# Only Debian's own suites: a third party's would need its keys in the guest.
host_sources() {
  apt-get indextargets --format "deb \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
    awk '$3 ~ /^bookworm(-updates|-security)?$/ && $4 ~ /^(main|contrib|non-free|non-free-firmware)$/' |
    sort -u
}

# A proxy or a mirror with an old date is part of how this machine reaches its sources.
host_apt_options() {
  apt-config dump --format '%F "%v";%n' |
    grep -E '^Acquire::(https?::Proxy|Check-Valid-Until) ".+";$' || true
}

# Files of other owners need a user namespace unless we are root.
as_owner() {
  if [[ $EUID -eq 0 ]]; then "$@"; else mmdebstrap --unshare-helper "$@"; fi
}

# Below /tmp and open to others: the user namespace enters it as somebody else, and would not get
# through a private home directory.
work=$(mktemp -d "${TMPDIR:-/tmp}/debian-12.XXXXXX")
shared=$work/shared
clean_up() {
  as_owner rm -rf "$shared/root" "$shared/esp"
  rm -rf "$work" "$output.part"
}
trap clean_up EXIT
chmod 755 "$work"
mkdir "$shared"
chmod 777 "$shared"
overlay=$work/overlay

mkdir -p "$overlay"/etc/{cloud/cloud.cfg.d,initramfs-tools/conf.d,kernel,systemd/network}

cat >"$overlay/etc/fstab" <<'END'
LABEL=cloudimg-rootfs / ext4 defaults,discard,errors=remount-ro 0 1
LABEL=ESP /boot/efi vfat umask=0077,noatime,noauto,x-systemd.automount 0 0
END

# kernel-install writes the boot entry of every kernel that apt installs from these two.
echo 'root=LABEL=cloudimg-rootfs ro console=tty0 console=ttyS0,115200' >"$overlay/etc/kernel/cmdline"
echo 'debian' >"$overlay/etc/kernel/entry-token"

# A virtual machine's root needs few drivers. A small initramfs halves the time to the root when the
# processor is emulated, and lets three kernels fit on the boot partition.
echo 'MODULES=list' >"$overlay/etc/initramfs-tools/conf.d/modules"
printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod nvme ahci ext4 >"$overlay/etc/initramfs-tools/modules"

cat >"$overlay/etc/systemd/network/50-ethernet.network" <<'END'
# Any network card, whatever its name; not the bridges and pairs that Docker makes.
[Match]
Type=ether
Kind=!*

[Network]
DHCP=yes
END

cat >"$overlay/etc/cloud/cloud.cfg.d/50-image.cfg" <<'END'
datasource_list: [NoCloud, None]
network: {config: disabled}
# An RSA key takes long where the processor is emulated, and no client of today needs one.
ssh_genkeytypes: [ed25519, ecdsa]
system_info:
  default_user:
    name: ubuntu
    gecos: Ubuntu
    lock_passwd: true
    groups: [adm, sudo]
    sudo: ["ALL=(ALL) NOPASSWD:ALL"]
    shell: /bin/bash
# Modules for other distributions and for management systems only cost time.
cloud_init_modules: [seed_random, bootcmd, write-files, growpart, resizefs, disk_setup, mounts,
  set_hostname, update_hostname, update_etc_hosts, ca-certs, users-groups, ssh]
cloud_config_modules: [set-passwords, apt-configure, ntp, timezone, runcmd]
cloud_final_modules: [package-update-upgrade-install, write-files-deferred, scripts-vendor,
  scripts-per-once, scripts-per-boot, scripts-per-instance, scripts-user, phone-home,
  final-message, power-state-change]
END

host_sources >"$work/sources.list"
if [[ ! -s $work/sources.list ]]; then
  # mmdebstrap then takes Debian's public mirror
  echo "this machine has no package source for Debian 12: taking Debian's public one"
  sources=()
else
  sources=("$work/sources.list")
fi
host_apt_options >"$work/apt.conf"
apt_options=(--aptopt='Acquire::Languages "none"')
if [[ -s $work/apt.conf ]]; then apt_options+=(--aptopt="$work/apt.conf"); fi

cat >"$work/finish" <<'END'
#!/bin/sh
# Runs outside of the new system with its root as the argument, before it is packed.
set -eu
root=$1
chroot "$root" passwd --quiet --lock root
chroot "$root" systemctl --quiet enable systemd-networkd systemd-resolved
chroot "$root" systemctl --quiet mask e2scrub_reap.service e2scrub_all.timer systemd-binfmt.service
mv "$root/etc/apt/sources.list.d/0000sources.list" "$root/etc/apt/sources.list" 2>/dev/null || true
rm -f "$root"/etc/ssh/ssh_host_*
# cloud-init before 23.1 ignores a seed over HTTP that is spelled "nocloud", not "nocloud-net".
# Diverted, so that an update of the package does not bring that back.
seeds=/usr/lib/python3/dist-packages/cloudinit/sources/DataSourceNoCloud.py
chroot "$root" dpkg-divert --quiet --add --rename --divert "$seeds.packaged" "$seeds"
sed -E 's/^( +fill\["dsmode"\] = )dsmode$/\1"net" if str(fill.get("seedfrom")).startswith("http") else dsmode/' \
  "$root$seeds.packaged" >"$root$seeds"
if cmp -s "$root$seeds.packaged" "$root$seeds"; then
  echo "cloud-init has changed: look at $seeds" >&2
  exit 1
fi
# systemd fills an empty file at every machine's first boot
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/hostname"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/boot/efi/EFI/BOOT" "$root/boot/efi/EFI/systemd" "$root/boot/efi/loader/entries"
mkdir -p "$root/boot/efi/debian"
for copy in BOOT/BOOTX64.EFI systemd/systemd-bootx64.efi; do
  cp "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi" "$root/boot/efi/EFI/$copy"
done
# no default entry is named: the boot loader takes the newest kernel
printf 'timeout 0\neditor no\n' >"$root/boot/efi/loader/loader.conf"
for kernel in "$root"/boot/vmlinuz-*; do
  version=${kernel##*/vmlinuz-}
  # in a running machine apt's hook does this; here the boot partition is a mere folder and it declines
  chroot "$root" kernel-install add "$version" "/boot/vmlinuz-$version" "/boot/initrd.img-$version"
done
# for the same reason the entries hold paths from the root of the system, not of the partition
sed -i -E 's#^((linux|initrd) +)/boot/efi/#\1/#' "$root"/boot/efi/loader/entries/*.conf
END
chmod +x "$work/finish"

phase "install packages"
mmdebstrap --variant=apt --mode=auto --quiet \
  "${apt_options[@]}" \
  --dpkgopt='force-unsafe-io' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$(IFS=,; echo "${packages[*]}")" \
  --essential-hook="copy-in $overlay/etc /" \
  --customize-hook="$work/finish \"\$1\"" \
  bookworm "$work/root.tar" "${sources[@]}"

phase "write the disk"
disk=$shared/disk.raw
truncate --size="$disk_size" "$disk"
chmod 666 "$disk"
sfdisk --quiet "$disk" <<END
label: gpt
start=${esp_start_mib}MiB, size=${esp_mib}MiB, type=uefi, name=ESP
start=${root_start_mib}MiB, type=4f68bce3-e8cd-4db1-96e7-fbcaf984b709, name=root
END
root_kib=$(($(sfdisk --json "$disk" | awk '/"size"/ { size = $2 } END { print size + 0 }') / 2))

cat >"$work/fill" <<'END'
#!/bin/bash
set -euo pipefail
shared=$1 root_start_mib=$2 root_kib=$3
root=$shared/root
mkdir "$root" "$shared/esp"
tar --extract --directory="$root" --numeric-owner --xattrs --xattrs-include='*' --exclude='./dev/*'
mv "$root"/boot/efi/* "$shared/esp/"
chmod -R u+rwX,go+rX "$shared/esp"
mke2fs -q -t ext4 -L cloudimg-rootfs -d "$root" -E "offset=$((root_start_mib * 1024 * 1024))" \
  "$shared/disk.raw" "${root_kib}k"
END
as_owner bash "$work/fill" "$shared" "$root_start_mib" "$root_kib" <"$work/root.tar"

mkfs.vfat -F 32 -s 4 -n ESP --offset=$((esp_start_mib * 2048)) "$disk" $((esp_mib * 1024)) \
  >"$work/mkfs.log" 2>&1 || {
  cat "$work/mkfs.log" >&2
  exit 1
}
mcopy -s -i "$disk@@${esp_start_mib}M" "$shared"/esp/* ::/

phase "pack"
qemu-img convert -O qcow2 "$disk" "$output.part"
mv "$output.part" "$output"
