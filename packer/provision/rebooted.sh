#!/usr/bin/env bash
# The machine is up, after a restart where one was needed, and runs the kernel that the image will boot.
set -euo pipefail
step=rebooted
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

limit=600 # seconds

# Said at once: until then nobody knows whether the machine came back.
say "the machine answers"
[[ -s $facts/restarted ]] || die "this step comes after the step \"reboot\""

state=$(timeout "$limit" systemctl is-system-running --wait 2>&1) || true
case $state in
  running) ;;
  degraded)
    say "the machine is up, these units failed:"
    systemctl list-units --failed --no-legend --plain
    ;;
  *) die "the machine is not up after $limit s: ${state:-no answer from systemd}" ;;
esac

if [[ $(<"$facts/restarted") == true &&
  $(cat /proc/sys/kernel/random/boot_id) == "$(cat "$work/boot-id")" ]]; then
  die "the machine has not restarted"
fi
if [[ $(uname -r) != "$(boot_kernel)" ]]; then
  die "the machine came up with kernel $(uname -r), expected is $(boot_kernel)." \
    "Its boot loader prefers another one: $(cd /boot && echo vmlinuz-*)"
fi
say "runs kernel $(uname -r)"
