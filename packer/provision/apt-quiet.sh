#!/usr/bin/env bash
# Switches off everything that runs apt by itself: now for the build, later for users' jobs.
set -euo pipefail
step=apt-quiet
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

timers=(apt-daily.timer apt-daily-upgrade.timer)
services=(apt-daily.service apt-daily-upgrade.service unattended-upgrades.service)

# The timers first, or they start their services again. Stopping waits for a run of apt to end by itself.
systemctl stop "${timers[@]}" 2>/dev/null || true # not there on every image
systemctl mask "${timers[@]}"
systemctl stop "${services[@]}" 2>/dev/null || true
systemctl mask "${services[@]}"

# Read last, so that it wins over what packages bring, also later ones.
cat >/etc/apt/apt.conf.d/99-dstack-no-periodic <<'END'
APT::Periodic::Enable "0";
APT::Periodic::Update-Package-Lists "0";
APT::Periodic::Unattended-Upgrade "0";
END
say "nothing runs apt by itself any more"
