#!/bin/sh
# The nginx configuration, filled in: render.sh < leadwake.conf.template > /etc/nginx/conf.d/leadwake.conf
# Only the names below are replaced, each must be set (those with a default need not), and nothing else is touched.
set -eu

: "${LEADWAKE_HOST:?set LEADWAKE_HOST, such as leads.example.com}"
: "${LEADWAKE_UPSTREAM:=127.0.0.1:8000}"
: "${LEADWAKE_HTTP_PORT:=80}"
: "${LEADWAKE_HTTPS_PORT:=443}"
: "${LEADWAKE_CERT:=/etc/leadwake/tls/fullchain.pem}"
: "${LEADWAKE_CERT_KEY:=/etc/leadwake/tls/privkey.pem}"
: "${LEADWAKE_ACME_ROOT:=/var/www/leadwake}"

program=""
value=""
for name in LEADWAKE_HOST LEADWAKE_UPSTREAM LEADWAKE_HTTP_PORT LEADWAKE_HTTPS_PORT LEADWAKE_CERT LEADWAKE_CERT_KEY \
  LEADWAKE_ACME_ROOT; do
  eval "value=\$$name"
  case $value in
    '' | *[!A-Za-z0-9./:_-]*)
      echo "$name: '$value' may hold letters, digits and . / : _ - only" >&2
      exit 2
      ;;
  esac
  program="$program
s|\${$name}|$value|g"
done
exec sed -e "$program"
