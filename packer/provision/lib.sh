# shellcheck shell=bash
# What the steps share. It is uploaded before them, as /var/tmp/dstack-lib.sh, and only sourced.
# The sourcing step has set $step, its name in messages.

# shellcheck disable=SC2034 # used by the steps
work=/var/tmp/dstack-image  # for the build: survives the restart, removed by "clean"
facts=/var/lib/dstack-image # stays in the image

# Nothing may ask a question, and needrestart may not restart the SSH server under Packer.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1
export APT_LISTCHANGES_FRONTEND=none LC_ALL=C

apt_lock_limit=300 # seconds
apt_sources=()     # options that narrow the package sources which apt sees

say() { printf '%s: %s\n' "${step:?}" "$*"; }

die() {
  printf '%s: error: %s\n' "${step:?}" "$*" >&2
  exit 1
}

# Fails unless each of the named environment variables has a value.
require() {
  local name missing=()
  for name in "$@"; do
    [[ -n ${!name:-} ]] || missing+=("$name")
  done
  [[ ${#missing[@]} -eq 0 ]] || die "these must be set in the environment: ${missing[*]}"
}

# --- apt

# waits_for_locks DOING COMMAND...
# Runs what has no option to wait for a lock that another program has: Oracle's agent, for one, runs apt
# whenever it likes. Any other failure is one.
waits_for_locks() {
  local doing=$1 started=$SECONDS output
  shift
  until output=$("$@" 2>&1); do
    if ! grep -qE 'Could not get lock|lock (was|is) locked by another process' <<<"$output"; then
      die "cannot $doing:"$'\n'"$output"
    fi
    if ((SECONDS - started >= apt_lock_limit)); then
      die "cannot $doing: another program has had apt's lock for $apt_lock_limit s:"$'\n'"$output"
    fi
    say "waits to $doing for another program that has apt's lock ($((SECONDS - started)) s)"
    sleep 3
  done
}

# Refreshes the indexes. A fault of one source is an error, where apt by itself would go on with old
# indexes.
apt_update() {
  waits_for_locks "refresh the package indexes" \
    apt-get update -o APT::Update::Error-Mode=any -o Acquire::Retries=3 "${apt_sources[@]}"
}

# apt-get without questions: changed configuration files stay as they are.
apt_get() {
  apt-get --yes --quiet -o DPkg::Lock::Timeout="$apt_lock_limit" -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dpkg::Use-Pty=0 "${apt_sources[@]}" "$@"
}

apt_install() { apt_get install --no-install-recommends "$@"; }

# Like apt_install, but services are switched on for the next boot only: nothing is started, stopped or
# restarted, and systemd does not read all its units again for each package, which takes seconds where
# the machine is emulated. Packages' scripts are told that every service is active.
apt_install_unstarted() { SYSTEMD_OFFLINE=1 apt_install "$@"; }

# The version of an installed package; nothing if it is not installed.
installed_version() {
  dpkg-query --show --showformat='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null |
    awk '$1 == "installed" { print $2; exit }'
}

# Names of installed packages that match an extended regular expression, as a whole.
installed_packages() {
  dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' |
    awk '$1 == "installed" { print $2 }' | grep -Ex -- "$1" | sort -u || true
}

# Whether a source offers the package.
is_available() { [[ -n $(apt-cache madison "$1") ]]; }

# "5:27.1.1-1~ubuntu" -> "27.1.1", "20.10.24+dfsg1-1" -> "20.10.24"
upstream_version() {
  local version=${1#*:}
  version=${version%-*}
  printf '%s\n' "${version%%[+~]*}"
}

# Holds packages and makes sure that apt has taken it.
hold() {
  local package held
  waits_for_locks "hold $*" apt-mark hold "$@"
  held=$(apt-mark showhold)
  for package in "$@"; do
    grep -qx -- "$package" <<<"$held" || die "apt did not hold $package"
  done
}

download() {
  curl --fail --silent --show-error --location --retry 5 --retry-connrefused \
    --connect-timeout 30 --output "$2" "$1" || die "cannot download $1"
}

# add_repository NAME KEY_URL FINGERPRINT "URI SUITE [COMPONENT]"
# The key is believed only if its fingerprint is the expected one; nothing else of the file is kept.
add_repository() {
  local name=$1 key_url=$2 fingerprint=${3^^} entry=$4 home found gpg
  local keyring=/usr/share/keyrings/dstack-$name.gpg
  home=$(mktemp -d)
  gpg=(gpg --homedir "$home" --batch --quiet --no-autostart) # no secret keys, so no agent
  download "$key_url" "$home/key"
  "${gpg[@]}" --import "$home/key" 2>/dev/null ||
    die "$key_url is not an OpenPGP key"
  found=$("${gpg[@]}" --with-colons --list-keys 2>/dev/null |
    awk -F: '$1 == "pub" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }')
  if ! grep -qx -- "$fingerprint" <<<"$found"; then
    rm -rf "$home"
    die "the key at $key_url has the fingerprint ${found//$'\n'/, }, expected is $fingerprint." \
      "If the vendor has a new key, verify it and change the configured fingerprint."
  fi
  "${gpg[@]}" --export "$fingerprint" >"$home/keyring"
  install -m 644 "$home/keyring" "$keyring"
  rm -rf "$home"
  printf 'deb [arch=%s signed-by=%s] %s\n' "$(dpkg --print-architecture)" "$keyring" "$entry" \
    >"/etc/apt/sources.list.d/dstack-$name.list"
}

# --- kernel

# The kernel that the machine boots: the pinned one, else the newest installed one.
boot_kernel() {
  if [[ -s $facts/pinned-kernel ]]; then
    cat "$facts/pinned-kernel"
  else
    find /boot -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' | sort -V | tail -n 1
  fi
}

# Modules are built for the running kernel, so it has to be the one that boots.
require_boot_kernel() {
  [[ $(uname -r) == "$(boot_kernel)" ]] ||
    die "the machine runs kernel $(uname -r) but will boot $(boot_kernel): restart it first"
}

# The driver version of the NVIDIA module for the running kernel.
module_version() {
  modinfo -k "$(uname -r)" -F version nvidia 2>/dev/null ||
    die "there is no nvidia module for kernel $(uname -r), the one that this image boots;" \
      "modules are there for: $(find /lib/modules -name 'nvidia.ko*' | cut -d/ -f4 | sort -uV | xargs)"
}

# --- Docker

docker_settings=/etc/docker/daemon.json

# Changes Docker's settings by a jq filter and keeps everything else in the file.
change_docker_settings() {
  local current='{}'
  mkdir -p /etc/docker
  if [[ -s $docker_settings ]]; then current=$(cat "$docker_settings"); fi
  jq "$@" <<<"$current" >"$docker_settings.new" ||
    die "cannot change $docker_settings; is it valid JSON?"
  chmod 644 "$docker_settings.new"
  mv "$docker_settings.new" "$docker_settings"
}

# What dstack's server would patch in at each boot, at the price of a restart of Docker: with the
# systemd driver, containers lose their GPUs when systemd reloads.
use_cgroupfs() {
  change_docker_settings '."exec-opts" = ((."exec-opts" // [])
    | map(select(startswith("native.cgroupdriver=") | not)) + ["native.cgroupdriver=cgroupfs"])'
}

restart_docker() {
  # systemd refuses more than a few starts in a row
  systemctl reset-failed docker.service 2>/dev/null || true
  systemctl restart docker.service
  local started=$SECONDS
  until docker info >/dev/null 2>&1; do
    ((SECONDS - started < 120)) || die "Docker does not answer 120 s after its start: $(docker info 2>&1)"
    sleep 1
  done
}

[[ $EUID -eq 0 ]] || die "must run as root"
mkdir -p "$work" "$facts"
