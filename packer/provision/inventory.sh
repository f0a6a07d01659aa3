#!/usr/bin/env bash
# Writes down what is in the image: versions, Docker images, packages. Hands out what a bill of
# materials is made of, which does not stay in the image: dpkg's word on each package, apt's on which
# were asked for, and the name of the system.
set -euo pipefail
step=inventory
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

# version_of PACKAGE...: the upstream version of the first that is installed, as JSON; null if none
version_of() {
  local package version
  for package in "$@"; do
    version=$(installed_version "$package")
    if [[ -n $version ]]; then
      upstream_version "$version" | jq -R .
      return
    fi
  done
  echo null
}

# shellcheck source=/dev/null
. /etc/os-release
kernel=$(boot_kernel)

# The module tells the truth, packaged or not.
driver=$(modinfo -k "$kernel" -F version nvidia 2>/dev/null | jq -R . || true)

dpkg-query --show --showformat='${db:Status-Status} ${Package} ${Version} ${Architecture}\n' |
  awk '$1 == "installed" { print $2, $3, $4 }' | sort >"$facts/packages.txt"

database=(etc/os-release var/lib/dpkg/status)
if [[ -e /var/lib/apt/extended_states ]]; then
  database+=(var/lib/apt/extended_states)
fi
tar --create --gzip --dereference --directory / --file "$work/package-database.tar.gz" "${database[@]}"
chmod 644 "$work/package-database.tar.gz"

if [[ ! -s $facts/docker-images.json ]]; then
  echo '{}' >"$facts/docker-images.json"
fi

# shellcheck disable=SC2016 # variables of jq
jq --null-input \
  --arg os "$PRETTY_NAME" --arg kernel "$kernel" \
  --argjson docker "$(version_of docker-ce docker.io)" \
  --argjson containerd "$(version_of containerd.io containerd)" \
  --argjson driver "${driver:-null}" \
  --argjson fabric_manager "$(version_of nvidia-fabricmanager)" \
  --argjson container_toolkit "$(version_of nvidia-container-toolkit)" \
  --argjson dcgm "$(version_of datacenter-gpu-manager-4-core)" \
  --argjson restarted "$(cat "$facts/restarted" 2>/dev/null || echo false)" \
  --slurpfile docker_images "$facts/docker-images.json" \
  --rawfile packages "$facts/packages.txt" \
  --arg held "$(apt-mark showhold)" '
  def lines: split("\n") | map(select(. != ""));
  {
    versions: {$os, $kernel, $docker, $containerd, $driver, $fabric_manager, $container_toolkit,
      $dcgm},
    $restarted,
    docker_images: $docker_images[0],
    held: ($held | lines),
    packages: ($packages | lines | map(split(" ") | {name: .[0], version: .[1], architecture: .[2]}))
  }' >"$facts/inventory.json.new"
mv "$facts/inventory.json.new" "$facts/inventory.json"
chmod 644 "$facts/inventory.json" "$facts/packages.txt"
say "$(jq -c .versions "$facts/inventory.json")"
