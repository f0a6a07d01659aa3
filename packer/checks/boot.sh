#!/usr/bin/env bash
# The machine came up whole: no failed unit, cloud-init done, the root file system as big as the disk.
set -euo pipefail

# These need a GPU, a licence or an NVSwitch, which the machine that checks has not.
without_gpu='^(nvidia-[a-z-]+|dcgm[a-z-]*)[.]service$'

state=$(timeout 120 systemctl is-system-running --wait 2>&1) || true
failed=$(systemctl list-units --failed --no-legend --plain | awk '{ print $1 }')
if [[ ${IMAGE_VARIANT:?} != cpu ]]; then
  allowed=$(grep -E "$without_gpu" <<<"$failed" || true)
  failed=$(grep -Ev "$without_gpu" <<<"$failed" || true)
  if [[ -n $allowed ]]; then echo "failed for want of a GPU, as they may: ${allowed//$'\n'/ }"; fi
fi
if [[ -n $failed ]]; then
  echo "failed units:"
  for unit in $failed; do
    echo "$unit"
    journalctl --unit "$unit" --boot --no-pager --lines 5 --output cat
  done
  exit 1
fi
if [[ $state != running && $state != degraded ]]; then
  echo "systemd says \"$state\""
  systemctl list-jobs --no-pager
  exit 1
fi

status=0
cloud_init=$(timeout 60 cloud-init status --long 2>&1) || status=$?
# 2: done, with faults it recovered from
if [[ $status != [02] || $cloud_init != *done* ]]; then
  echo "cloud-init: $cloud_init"
  exit 1
fi

root=$(findmnt --noheadings --output SOURCE /)
root=$(basename "$(realpath "$root")")
if [[ -e /sys/class/block/$root/partition ]]; then
  disk=$(basename "$(dirname "$(realpath "/sys/class/block/$root")")")
  start=$(<"/sys/class/block/$root/start")
  size=$(<"/sys/class/block/$root/size")
  end=$((start + size))
  free_mib=$((($(<"/sys/class/block/$disk/size") - end) / 2048))
  if ((free_mib > 64)); then
    echo "$free_mib MiB of the disk $disk lie behind the root partition: it did not grow"
    exit 1
  fi
fi
partition_mib=$(($(<"/sys/class/block/$root/size") / 2048))
system_mib=$(df --output=size --block-size=1M / | tail -n 1)
if ((system_mib * 100 < partition_mib * 85)); then
  echo "the root file system has $system_mib MiB of a partition of $partition_mib MiB: it did not grow"
  exit 1
fi
echo "$state, kernel $(uname -r), root ${system_mib// /} MiB"
