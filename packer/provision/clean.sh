#!/usr/bin/env bash
# Removes what belongs to the machine that baked: identity, keys, logs, histories, caches.
set -euo pipefail
step=clean
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

# Packer's open connection goes on without the keys. New ones fail, so this is the end of the bake.

say "packages and temporary files"
# Oracle's agent runs apt whenever it likes.
systemctl stop 'snap.oracle-cloud-agent.*' 2>/dev/null || true # not everywhere
waits_for_locks "remove downloaded packages" apt-get clean
find /var/lib/apt/lists -mindepth 1 -delete
# systemd's own folders there belong to running services and go with them
find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' -exec rm -rf {} +

say "first boot"
if command -v cloud-init >/dev/null; then
  cloud-init clean --logs --seed
fi
rm -rf /var/lib/cloud
# what cloud-init wrote for this machine's network and logins; it writes it again for each machine
rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init* \
  /etc/systemd/network/10-cloud-init-* /etc/ssh/sshd_config.d/50-cloud-init.conf \
  /etc/udev/rules.d/70-persistent-*.rules
rm -rf /var/lib/dhcp/* /var/lib/NetworkManager/*.lease

say "identity"
rm -f /etc/ssh/ssh_host_*
# An empty file, not a missing one: then a machine makes its own at each first boot, but systemd does
# not take it for a fresh installation and switch services on by its presets.
truncate --size=0 /etc/machine-id
if [[ -e /var/lib/dbus/machine-id && ! -L /var/lib/dbus/machine-id ]]; then
  ln -sf /etc/machine-id /var/lib/dbus/machine-id
fi
echo localhost >/etc/hostname # cloud-init sets the real one
# made by packages when they were installed, meant to be one machine's own
rm -f /etc/nvme/hostid /etc/nvme/hostnqn /etc/ssl/private/ssl-cert-snakeoil.key \
  /etc/ssl/certs/ssl-cert-snakeoil.pem /var/lib/docker/engine-id /etc/docker/key.json
# DKMS signs the modules that it builds. Who has the key of a machine can sign others for it, once its
# owner has made the firmware trust it; DKMS makes another one when it next builds.
rm -f /var/lib/shim-signed/mok/MOK.{priv,der} /var/lib/dkms/mok.{key,pub}
# the first start of iSCSI replaces this by a name
if grep -qs '^InitiatorName=' /etc/iscsi/initiatorname.iscsi; then
  echo GenerateName=yes >/etc/iscsi/initiatorname.iscsi
fi
# The seed is written again when its service stops: stop it now.
systemctl stop systemd-random-seed.service
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /boot/efi/loader/random-seed

say "logins"
for home in /root /home/*; do
  rm -rf "$home"/.ssh/authorized_keys* "$home"/.ssh/known_hosts* "$home"/.bash_history \
    "$home"/.python_history "$home"/.lesshst "$home"/.wget-hsts "$home"/.viminfo "$home"/.cache \
    "$home"/.sudo_as_admin_successful
done

say "logs"
systemctl stop syslog.socket rsyslog.service 2>/dev/null || true # not everywhere
# The journal goes on in memory, where it ends with this machine.
journalctl --relinquish-var
rm -rf /var/log/journal/*
find /var/log -type f \( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find /var/log -type f -exec truncate --size=0 {} +

sync
# gives freed blocks back, where the disk can take them
fstrim --all 2>/dev/null || true
say "done"
