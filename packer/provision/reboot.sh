#!/usr/bin/env bash
# Restarts into the newest kernel, where anything asks for a restart. Packer has to expect that the
# connection ends here.
set -euo pipefail
step=reboot
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

# When the machine started, in seconds of the epoch.
booted() {
  local boot ticks
  boot=$(awk '$1 == "btime" { print $2 }' /proc/stat)
  ticks=$(sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20)
  echo $((boot + ticks / $(getconf CLK_TCK)))
}

# Why a restart is needed; nothing if it is not.
reason() {
  local running newest file
  running=$(uname -r)
  newest=$(boot_kernel)
  file=/boot/vmlinuz-$running
  if [[ $running != "$newest" ]]; then
    echo "kernel $running runs and $newest is to boot"
  elif (($(stat --format %Z "$file") > $(booted))); then
    # an update that keeps the name, as Debian's security updates mostly do
    echo "kernel $running was installed anew since it was booted"
  elif [[ -e /run/reboot-required ]]; then
    echo "packages ask for it: $(sort -u /run/reboot-required.pkgs 2>/dev/null | xargs)"
  fi
}

why=$(reason)
if [[ -z $why ]]; then
  [[ -s $facts/restarted ]] || echo false >"$facts/restarted"
  say "no restart is needed: the newest kernel $(uname -r) runs, and nothing else asks for one"
  exit 0
fi

cat /proc/sys/kernel/random/boot_id >"$work/boot-id"
echo true >"$facts/restarted"
say "restarts: $why"
sync
# Packer connects again at once: not to the machine that is going down.
systemctl stop ssh.socket ssh.service 2>/dev/null || true
systemctl reboot
sleep 300
die "the machine is still up 300 s after it was told to restart"
