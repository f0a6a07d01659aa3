#!/usr/bin/env bash
# Oracle Cloud only: keeps the rules that guard Oracle's own services.
#
# Without them, all users of a machine and all containers reach its boot volume by iSCSI ("Platform
# Images", Essential Firewall Rules). Ubuntu 24.04's ufw, which dstack needs, takes away what loads them.
set -euo pipefail
step=oci-firewall
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

require IMAGE_CLOUD
[[ $IMAGE_CLOUD == oci ]] || die "this step is for Oracle Cloud, not for $IMAGE_CLOUD"

chain=InstanceServices
rules=/etc/iptables/rules.v4
kept=/etc/iptables/dstack-instance-services.rules
unit=dstack-instance-services.service

if [[ -n $(installed_version netfilter-persistent) ]]; then
  say "netfilter-persistent loads Oracle's rules"
  exit 0
fi
if ! own=$(grep -E -- "^-A (OUTPUT .*-j $chain|$chain )" "$rules" 2>/dev/null); then
  say "no rules of Oracle's are kept: the source image has none in $rules"
  exit 0
fi
printf '%s\n' '*filter' ":$chain - [0:0]" "$own" COMMIT >"$kept"

# As early as netfilter-persistent, which it stands for. All other chains are left as they are.
cat >"/etc/systemd/system/$unit" <<END
[Unit]
Description=Oracle's firewall rules for its own services
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target systemd-modules-load.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore --noflush --wait $kept

[Install]
WantedBy=multi-user.target
END
systemctl enable "$unit"
say "Oracle's rules for its own services are loaded at each boot"
