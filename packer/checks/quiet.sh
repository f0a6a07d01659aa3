#!/usr/bin/env bash
# Nothing runs apt by itself.
set -euo pipefail

wrong=0
for unit in apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service \
  unattended-upgrades.service; do
  enabled=$(systemctl is-enabled "$unit" 2>/dev/null) || true
  active=$(systemctl is-active "$unit" 2>/dev/null) || true
  if [[ $enabled != masked || $active == active ]]; then
    echo "$unit is \"$enabled\" and \"$active\", expected is masked and inactive"
    wrong=1
  fi
done
if timers=$(systemctl list-timers --no-legend --plain | grep -E 'apt-daily|unattended'); then
  echo "timers: $timers"
  wrong=1
fi
# The agent that Oracle's machines have runs apt after each boot.
is_oracles() { grep -qs 'snap\.oracle-cloud-agent\.' "/proc/$1/cgroup"; }
for program in apt apt-get dpkg unattended-upgr; do # the kernel keeps 15 letters of a name
  while read -r process command; do
    if [[ -n $process ]] && ! is_oracles "$process"; then
      echo "running: $process $command"
      wrong=1
    fi
  done < <(pgrep --list-full --exact "$program")
done
if [[ $(apt-config dump --format '%v%n' APT::Periodic::Enable | head -n 1) != 0 ]]; then
  echo "APT::Periodic::Enable is not 0"
  wrong=1
fi
[[ $wrong -ne 0 ]] || echo "masked and inactive"
exit $wrong
