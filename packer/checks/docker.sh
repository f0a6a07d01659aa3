#!/usr/bin/env bash
# Docker is enabled, answers on its default socket and has the cgroup driver that dstack needs.
set -euo pipefail

wrong=0
enabled=$(systemctl is-enabled docker.service) || true
if [[ $enabled != enabled ]]; then
  echo "docker.service is \"$enabled\", expected is enabled"
  wrong=1
fi
answer=$(curl --silent --show-error --max-time 60 --unix-socket /var/run/docker.sock http://docker/_ping) ||
  true
if [[ $answer != OK ]]; then
  echo "Docker does not answer on /var/run/docker.sock"
  journalctl --unit docker.service --boot --no-pager --lines 10 --output cat
  exit 1
fi
driver=$(docker info --format '{{.CgroupDriver}}')
if [[ $driver != cgroupfs ]]; then
  echo "Docker's cgroup driver is $driver, expected is cgroupfs"
  wrong=1
fi
mirrors=$(docker info --format '{{json .RegistryConfig.Mirrors}}')
if [[ $mirrors != "[]" && $mirrors != null ]]; then
  echo "a registry mirror of the build is left: $mirrors"
  wrong=1
fi
if [[ ${IMAGE_VARIANT:?} != cpu ]] && ! docker info --format '{{json .Runtimes}}' | jq -e .nvidia >/dev/null; then
  echo "Docker has no runtime nvidia"
  wrong=1
fi
docker version --format '{{.Server.Version}}'
exit $wrong
