#!/usr/bin/env bash
# Pulls the configured Docker images and records their digests.
set -euo pipefail
step=prepull
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /var/tmp/dstack-lib.sh

record=$facts/docker-images.json
attempts=5
read -ra refs <<<"${PREPULL:-}"

wrong=()
for ref in "${refs[@]}"; do
  [[ $ref =~ ^[^@[:space:]]+:[A-Za-z0-9_][A-Za-z0-9_.-]*(@sha256:[0-9a-f]{64})?$ ]] || wrong+=("$ref")
done
[[ ${#wrong[@]} -eq 0 ]] || die "PREPULL takes name:tag or name:tag@sha256:DIGEST, not ${wrong[*]}"

if [[ ${#refs[@]} -eq 0 ]]; then
  echo '{}' >"$record"
  say "no Docker images are configured"
  exit 0
fi

restore_settings() {
  mv "$work/daemon.json" "$docker_settings"
  restart_docker
}

if [[ -n ${REGISTRY_MIRROR:-} ]]; then
  [[ $REGISTRY_MIRROR =~ ^https?://[^/]+/?$ ]] ||
    die "REGISTRY_MIRROR is \"$REGISTRY_MIRROR\"; it takes http://HOST:PORT"
  cp --preserve "$docker_settings" "$work/daemon.json"
  trap restore_settings EXIT
  # shellcheck disable=SC2016 # a variable of jq
  change_docker_settings --arg mirror "$REGISTRY_MIRROR" '."registry-mirrors" = [$mirror]'
  restart_docker
  say "pulls through $REGISTRY_MIRROR"
fi

# Faults that go away by waiting. Everything else (no such image, no permission) is final.
transient='timeout|timed out|deadline exceeded|connection (refused|reset)|no such host|no route to host'
transient+='|temporary failure|unreachable|TLS handshake|EOF|i/o|too ?many ?requests|\b50[0234]\b'

pull() {
  local what=$1 attempt output
  for ((attempt = 1; ; attempt++)); do
    if output=$(docker pull --quiet "$what" 2>&1); then return; fi
    grep -Eiq -- "$transient" <<<"$output" || die "cannot pull $what: $output"
    if ((attempt == attempts)); then
      die "cannot pull $what: no registry answers ($attempts attempts, the last: $output)." \
        "Give the machine that bakes access to the registry, or configure a registry mirror."
    fi
    say "$what: the registry did not answer, attempt $((attempt + 1)) of $attempts follows: $output"
    sleep $((2 ** attempt))
  done
}

digests='{}'
for ref in "${refs[@]}"; do
  tagged=${ref%@*}
  name=${tagged%:*}
  started=$SECONDS
  if [[ $ref == *@* ]]; then
    # The digest decides, the tag may have moved on; Docker leaves such an image without its tag.
    pull "$name@${ref#*@}"
    docker tag "$name@${ref#*@}" "$tagged"
  else
    pull "$tagged"
  fi
  known=$(docker image inspect "$tagged" | jq -r --arg name "$name" '
    .[0].RepoDigests[] | split("@")
    | select(.[0] == ($name | sub("^(docker[.]io/)?(library/)?"; ""))) | .[1]')
  digest=${known%%$'\n'*}
  if [[ $ref == *@* ]]; then digest=${ref#*@}; fi
  grep -qx -- "${digest:-none}" <<<"$known" ||
    die "Docker has $tagged with the digest ${known:-(none)}, expected is ${digest:-any}"
  digests=$(jq --arg ref "$tagged" --arg digest "$digest" '.[$ref] = $digest' <<<"$digests")
  say "$tagged@$digest ($((SECONDS - started)) s)"
done
printf '%s\n' "$digests" >"$record"
