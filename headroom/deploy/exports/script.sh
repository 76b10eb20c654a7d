#!/usr/bin/env bash
# Creates or destroys @TITLE@, written by Headroom from plan @HASH@.
# usage: deploy.sh create|destroy     Running it twice changes nothing. Needs the AWS CLI 1.46 or later, or a 2 as new.
# Credentials come from where the AWS CLI finds them. Nothing is touched that carries another tag.
@NOTES@set -euo pipefail
export AWS_REGION=@REGION@ AWS_DEFAULT_REGION=@REGION@ AWS_PAGER=
POLL_S=${POLL_S:-15}
TAG=@TAG@
DEPLOYMENT=@DEPLOYMENT@
MISSING='NotFound|does not exist|Could not find'

say() { printf '%s\n' "$*"; }
stop() { printf 'stopped: %s\n' "$*" >&2; exit 1; }

# Whether a call finds something; any other error stops the script.
there() {
  local answer
  answer=$("$@" 2>&1) && return 0
  grep -qE "$MISSING" <<<"$answer" && return 1
  stop "$answer"
}

# Delete what may not be there.
gone() {
  local title=$1
  shift
  if there "$@"; then say "deleted: $title"; else say "was not there: $title"; fi
}

# Whether a resource of SageMaker carries this deployment's tag.
ours() {
  [ "$(aws sagemaker list-tags --resource-arn "$1" --query "length(Tags[?Key=='$TAG' && Value=='$DEPLOYMENT'])" --output text)" = 1 ]
}

# The status of an endpoint when nothing is being done to it any more; None when it is not there.
settled() {
  local status
  while :; do
    if ! status=$(aws sagemaker describe-endpoint --endpoint-name "$1" --query EndpointStatus --output text 2>&1); then
      grep -qE "$MISSING" <<<"$status" || stop "$status"
      echo None
      return
    fi
    case $status in
      *ing | RollingBack) sleep "$POLL_S" ;;
      *) echo "$status"; return ;;
    esac
  done
}

# An older AWS CLI refuses parameters that it does not know: better before anything is made than in between.
new_enough() {
  local skeleton
  skeleton=$(aws sagemaker create-endpoint-config --generate-cli-skeleton input)
  grep -q EnableDetailedObservability <<<"$skeleton" ||
    stop "this AWS CLI is too old for MetricsConfig: $(aws --version)"
}

endpoint_has() { aws sagemaker describe-endpoint --endpoint-name "$1" --query "$2" --output text; }
instance_type() {
  aws sagemaker describe-endpoint-config --endpoint-config-name "$1" --query 'ProductionVariants[0].InstanceType' --output text
}

# Models and configurations of earlier plans have other names and the same tag.
earlier() {
  local name arn
  while read -r name arn; do
    case $name in "$DEPLOYMENT"-*) ;; *) continue ;; esac
    if ours "$arn"; then aws sagemaker "delete-$1" "--$1-name" "$name"; say "deleted: $name, of an earlier plan"; fi
  done < <(aws sagemaker "list-$1s" --name-contains "$DEPLOYMENT-" --query "$2s[].[$2Name,$2Arn]" --output text)
}
