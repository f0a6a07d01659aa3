#!/usr/bin/env bash
# What was held when the image was baked is held, and has the version that was recorded.
set -euo pipefail

inventory=/var/lib/dstack-image/inventory.json
mapfile -t baked < <(jq -r '.held[]' "$inventory")
mapfile -t held < <(apt-mark showhold)

wrong=0
if [[ ${#baked[@]} -eq 0 ]]; then
  echo "the image was baked without any held package"
  wrong=1
fi
if [[ ${baked[*]} != "${held[*]}" ]]; then
  echo "held when baked: ${baked[*]}; held now: ${held[*]}"
  wrong=1
fi
for package in "${baked[@]}"; do
  expected=$(jq -r --arg name "${package%:*}" '.packages[] | select(.name == $name) | .version' "$inventory")
  # shellcheck disable=SC2016 # dpkg's variable
  found=$(dpkg-query --show --showformat='${Version}' "$package")
  if [[ $found != "$expected" ]]; then
    echo "$package is $found, baked was $expected"
    wrong=1
  fi
done
echo "held: ${held[*]}"
exit $wrong
