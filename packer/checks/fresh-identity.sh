#!/usr/bin/env bash
# What identifies a machine was made by this machine, and nothing of the one that baked is left.
set -euo pipefail

# Not the kernel's boot time alone: setting the clock later moves it, and not the times of files.
boot_time=$(awk '$1 == "btime" { print $2 }' /proc/stat)
first_file=$(find /run -xdev -printf '%C@\n' | sort -n | awk 'NR == 1 { print int($1) }')
((first_file < boot_time)) && boot_time=$first_file
boot_time=$((boot_time - 2))

wrong=0
complain() {
  echo "$*"
  wrong=1
}

# made_now WHAT FILE
made_now() {
  local made
  made=$(stat --format %Y "$2")
  ((made >= boot_time)) || complain "$1 ($2) is from $(date -d "@$made"), this boot from $(date -d "@$boot_time")"
}

grep -Eqx '[0-9a-f]{32}' /etc/machine-id || complain "/etc/machine-id holds no machine ID"
made_now "the machine ID" /etc/machine-id

keys=(/etc/ssh/ssh_host_*_key)
[[ -e ${keys[0]} ]] || complain "there are no host keys"
for key in "${keys[@]}"; do
  if [[ -e $key ]]; then made_now "a host key" "$key"; fi
done

user=${LOGIN_USER:?}
home=$(getent passwd "$user" | cut -d: -f6)
# Keys, not lines: on Google Cloud both cloud-init and Google's agent write the machine's one key.
authorized=$(grep -Ev '^\s*(#|$)' "$home/.ssh/authorized_keys" | grep -Eo 'AAAA[0-9A-Za-z+/]+=*' | sort -u | wc -l) || true
[[ $authorized == 1 ]] || complain "$user has $authorized authorized keys, expected is this boot's only"
made_now "the key of $user" "$home/.ssh/authorized_keys"
# cloud-init gives root the user's key with a command that only says to use the other account
if [[ -s /root/.ssh/authorized_keys ]]; then
  made_now "the key of root" /root/.ssh/authorized_keys
  if grep -Eqv '^\s*(#|$)|command=' /root/.ssh/authorized_keys; then
    complain "root can log in by key"
  fi
fi
others=$(find /home -mindepth 1 -maxdepth 1 -type d ! -path "$home")
for other in $others; do
  [[ ! -s $other/.ssh/authorized_keys ]] || complain "$other has authorized keys"
done

for history in /root/.bash_history "$home/.bash_history" /root/.python_history; do
  [[ ! -s $history ]] || complain "$history is there"
done
# The program that checks may have come by Packer too: it is younger than this boot.
left=$(find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -newermt "@$boot_time" ! -name 'systemd-private-*' ! -name '.*-unix')
[[ -z $left ]] || complain "left from the bake: ${left//$'\n'/ }"
# Oracle's agent refreshes the indexes of its machines; apt gives them the server's time.
left=$(find /var/lib/apt/lists -type f ! -name lock ! -newerct "@$boot_time")
[[ -z $left ]] || complain "package indexes are left: ${left//$'\n'/ }"
for file in /etc/ssl/private/ssl-cert-snakeoil.key /etc/nvme/hostid /etc/nvme/hostnqn \
  /var/lib/shim-signed/mok/MOK.priv /var/lib/dkms/mok.key; do
  [[ ! -e $file ]] || complain "$file is in the image, and so the same in all machines"
done
[[ $wrong -ne 0 ]] || echo "all of this boot"
exit $wrong
