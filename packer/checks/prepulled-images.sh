#!/usr/bin/env bash
# The configured Docker images are in the image, by digest, and the first one runs without network.
set -euo pipefail

recorded=/var/lib/dstack-image/docker-images.json
read -ra refs <<<"${PREPULL:-}"
if [[ ${#refs[@]} -eq 0 ]]; then
  echo "no Docker images are configured"
  exit 0
fi

wrong=0
for ref in "${refs[@]}"; do
  tagged=${ref%@*}
  digest=$(jq -r --arg ref "$tagged" '.[$ref] // empty' "$recorded")
  if [[ $ref == *@* ]]; then digest=${ref#*@}; fi
  if ! found=$(docker image inspect --format '{{join .RepoDigests " "}}' "$tagged" 2>&1); then
    echo "$tagged is not there: $found"
    wrong=1
  elif [[ -z $digest ]]; then
    echo "$recorded has no digest of $tagged"
    wrong=1
  elif [[ $found != *"$digest"* ]]; then
    echo "$tagged is $found, expected is $digest"
    wrong=1
  else
    echo "$tagged@$digest"
  fi
done
[[ $wrong -eq 0 ]] || exit 1

first=${refs[0]%@*}
if ! output=$(timeout 120 docker run --rm --pull never --network none "$first" 2>&1 </dev/null); then
  echo "$first does not run: $output"
  exit 1
fi
echo "$first ran: $(tail -n 3 <<<"$output")"
