#!/usr/bin/env bash
# Restarts into the newest kernel. Ends with the connection, which Packer has to expect.
set -euo pipefail
step=reboot
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

cat /proc/sys/kernel/random/boot_id >"$work/boot-id"
say "restarts from kernel $(uname -r) into $(boot_kernel)"
sync
systemctl reboot
sleep 300
die "the machine is still up 300 s after it was told to restart"
