#!/bin/sh
# sh prepare.sh HOST [EMAIL]: what compose needs before its first start, made once and never overwritten.
#
# .env says where Leadwake is reached; leadwake.env takes further settings; secrets/ holds the master key and the
# database's password. Containers read those as accounts of their own, so the files are open and their folder is not.
set -eu
cd "$(dirname "$0")"

[ $# -ge 1 ] || { echo "usage: sh prepare.sh HOST [EMAIL]   such as: sh prepare.sh leads.example.com you@example.com" >&2; exit 2; }

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

# once FILE: what comes in is written there, unless something is there already
once() {
  if [ -e "$1" ]; then echo "kept    $1"; cat >/dev/null; return; fi
  cat >"$1.new"
  mv "$1.new" "$1"
  echo "made    $1"
}

mkdir -p secrets
chmod 700 secrets
once .env <<END
LEADWAKE_HOST=$1
CERTBOT_EMAIL=${2:-}
IMAGE_TAG=latest
END
once leadwake.env <leadwake.env.example
for name in master_key postgres_password grafana_password n8n_key; do
  random | once "secrets/$name"
done
printf 'https://hooks.slack.com/services/put-yours-here' | once secrets/slack_url
printf 'postgresql://leadwake:%s@postgres:5432/leadwake' "$(cat secrets/postgres_password)" | once secrets/database_url
chmod 444 secrets/*
echo "The master key is in secrets/master_key. Keep a copy away from this machine: without it nothing can be read again."
