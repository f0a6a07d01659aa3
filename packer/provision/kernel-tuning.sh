#!/usr/bin/env bash
# Kernel settings. Outgoing ports stay at the kernel's default: jobs share the host's network.
set -euo pipefail
step=kernel-tuning
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

settings=/etc/sysctl.d/dstack-kernel-tuning.conf
cat >"$settings" <<'END'
vm.swappiness = 0
net.core.rmem_max = 16777216
net.core.wmem_max = 16777216
END
sysctl --load "$settings"
