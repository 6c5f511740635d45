#!/bin/sh
# Fetches the certificate for LEADWAKE_HOST from Let's Encrypt: proved over http by the running nginx, put where nginx
# reads it, served. certbot renews it from then on (its timer) by the same way. Run again, it changes nothing that holds.
# What is given as arguments goes to certbot: issue.sh --staging
set -eu

known=/etc/leadwake/host.env  # what install.sh was told
if [ -z "${LEADWAKE_HOST:-}" ] && [ -r "$known" ]; then
  # shellcheck source=/dev/null
  . "$known"
fi
: "${LEADWAKE_HOST:?set LEADWAKE_HOST, such as leads.example.com}"
: "${LEADWAKE_ACME_ROOT:=/var/www/leadwake}"
: "${LEADWAKE_ACME_EMAIL:=}"
: "${LEADWAKE_LETSENCRYPT:=/etc/letsencrypt}"
hook=$(cd "$(dirname "$0")" && pwd -L)/deploy-hook.sh

if [ -n "$LEADWAKE_ACME_EMAIL" ]; then
  set -- --email "$LEADWAKE_ACME_EMAIL" --no-eff-email "$@"
else
  set -- --register-unsafely-without-email "$@"
fi
mkdir -p "$LEADWAKE_ACME_ROOT"
echo "Fetching a certificate for $LEADWAKE_HOST; http://$LEADWAKE_HOST must reach this machine on port 80 …"
certbot certonly --non-interactive --agree-tos --keep-until-expiring --webroot --webroot-path "$LEADWAKE_ACME_ROOT" \
  --domain "$LEADWAKE_HOST" --cert-name "$LEADWAKE_HOST" --key-type ecdsa --config-dir "$LEADWAKE_LETSENCRYPT" \
  --deploy-hook "$hook" "$@"
# one that was there already is put in place, too
RENEWED_LINEAGE=$LEADWAKE_LETSENCRYPT/live/$LEADWAKE_HOST "$hook"
