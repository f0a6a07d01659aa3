#!/usr/bin/env bash
# Installs Docker at an exact version, sets it up as dstack wants it, and holds it.
set -euo pipefail
step=docker
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

require LOGIN_USER DOCKER_SOURCE IMAGE_CLOUD
version=${DOCKER_VERSION:-}
# shellcheck source=/dev/null
. /etc/os-release

# exact_version PACKAGE: its full version in the sources whose upstream part is DOCKER_VERSION
exact_version() {
  local offered found
  offered=$(apt-cache madison "$1" | awk '{ print $3 }')
  found=$(awk -v want="$version" '{
      upstream = $0; sub(/^[0-9]+:/, "", upstream)
      rest = substr(upstream, length(want) + 1)
      if (index(upstream, want) == 1 && (rest == "" || rest ~ /^[-+~]/)) { print; exit }
    }' <<<"$offered")
  [[ -n $found ]] || die "DOCKER_VERSION $version of $1 is not available; available are:" \
    "$(sed -E 's/^[0-9]+://; s/[-+~].*//' <<<"$offered" | sort -Vu | xargs)"
  printf '%s\n' "$found"
}

case $DOCKER_SOURCE in
  docker.com)
    require DOCKER_VERSION
    repository=${DOCKER_REPOSITORY:-https://download.docker.com/linux/$ID}
    add_repository docker "$repository/gpg" \
      "${DOCKER_KEY_FINGERPRINT:-9DC858229FC7DD38854AE2D88D81803C0EBFCD88}" \
      "$repository $VERSION_CODENAME stable"
    apt_update
    exact=$(exact_version docker-ce)
    packages=("docker-ce=$exact" "docker-ce-cli=$exact" containerd.io docker-buildx-plugin
      docker-compose-plugin)
    ;;
  distribution)
    # no source is added: the indexes are those of apt-upgrade
    if [[ -n $version ]]; then
      exact=$(exact_version docker.io)
      packages=("docker.io=$exact" containerd)
    else
      packages=(docker.io containerd)
    fi
    # each in some releases only, or part of docker.io there
    for package in docker-cli docker-buildx docker-compose-v2; do
      if is_available "$package"; then packages+=("$package"); fi
    done
    ;;
  *) die "DOCKER_SOURCE is \"$DOCKER_SOURCE\"; allowed are docker.com and distribution" ;;
esac

# Before the installation, so that Docker's very first start is with these.
use_cgroupfs
change_docker_settings '."log-driver" = "json-file"
  | ."log-opts" = {"max-size": "256m", "max-file": "2"}'

# apparmor: only recommended by the packages, but containers do not start without its parser where
# the kernel has AppArmor. pigz: layers unpack on more than one core.
apt_install_unstarted "${packages[@]}" apparmor pigz
hold "${packages[@]%%=*}"

SYSTEMD_OFFLINE=1 systemctl enable containerd.service docker.socket docker.service
systemctl daemon-reload
systemctl restart containerd.service
restart_docker

if id "$LOGIN_USER" >/dev/null 2>&1; then
  usermod --append --groups docker "$LOGIN_USER"
elif [[ $IMAGE_CLOUD == azure ]]; then
  say "user $LOGIN_USER is not there: Azure makes it when a machine is launched"
else
  die "LOGIN_USER $LOGIN_USER does not exist on this machine"
fi
say "Docker $(docker version --format '{{.Server.Version}}')"
