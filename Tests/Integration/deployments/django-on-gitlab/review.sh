#!/bin/sh
set -eu
project="review-$CI_MERGE_REQUEST_IID"
docker compose --project-name "$project" up --detach
# postern-lint: ignore commands/destroys-volumes the project is the merge request's own and goes with it
trap 'docker compose --project-name "$project" down -v' EXIT
for volume in $(docker volume ls -q --filter "name=$project"); do
    docker volume rm -f "$volume"
done
