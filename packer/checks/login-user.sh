#!/usr/bin/env bash
# The login user is there, logs in by key, and becomes root without a password.
set -euo pipefail

user=${LOGIN_USER:?}
id "$user" || exit 1
if ! output=$(runuser --user "$user" -- sudo --non-interactive id --user 2>&1); then
  echo "sudo wants a password from $user: $output"
  exit 1
fi
shell=$(getent passwd "$user" | cut -d: -f7)
if [[ $shell != /bin/bash ]]; then
  echo "the shell of $user is $shell, expected is /bin/bash"
  exit 1
fi
# Azure makes the user at launch, after the image
if [[ ${IMAGE_CLOUD:?} != azure && " $(id --name --groups "$user") " != *" docker "* ]]; then
  echo "$user is not in the group docker"
  exit 1
fi
sshd=$(sshd -T -C "user=$user")
grep -qx 'port 22' <<<"$sshd" || {
  echo "SSH does not listen on port 22"
  exit 1
}
