#!/usr/bin/env bash
# GCP A3 Mega: adds dstack's needs to a base that Google's Cluster Toolkit made, with its driver and Docker.
set -euo pipefail
step=a3mega
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

require LOGIN_USER
registry=us-docker.pkg.dev

# A package source of Google's own, which refuses everybody else and so fails every refresh.
rm -f /etc/apt/sources.list.d/ar_us_apt_pkg_dev_projects_gce_ai_infra.list

apt_update
apt_install jq ufw datacenter-gpu-manager-4-proprietary datacenter-gpu-manager-exporter
mapfile -t packages < <(installed_packages 'datacenter-gpu-manager.*')
hold "${packages[@]}"

systemctl disable --now google-cloud-ops-agent.service

# The pulls of the step "prepull" are root's.
gcloud --quiet auth configure-docker "$registry"
use_cgroupfs
systemctl enable docker.service
restart_docker
usermod --append --groups docker "$LOGIN_USER"
