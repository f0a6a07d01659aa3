#!/usr/bin/env bash
# Brings all packages, the kernel too, to the newest version.
set -euo pipefail
step=apt-upgrade
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

apt_update
apt_get dist-upgrade
say "will boot kernel $(boot_kernel)"
