#!/bin/sh
# A certificate signed by itself, so that nginx can start before certbot has fetched the real one. What is there stays.
set -eu

: "${LEADWAKE_HOST:?set LEADWAKE_HOST, such as leads.example.com}"
: "${LEADWAKE_CERT:=/etc/leadwake/tls/fullchain.pem}"
: "${LEADWAKE_CERT_KEY:=/etc/leadwake/tls/privkey.pem}"

if [ -s "$LEADWAKE_CERT" ] && [ -s "$LEADWAKE_CERT_KEY" ]; then
  exit 0
fi
umask 077
mkdir -p "$(dirname "$LEADWAKE_CERT")" "$(dirname "$LEADWAKE_CERT_KEY")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$LEADWAKE_HOST" \
  -addext "subjectAltName=DNS:$LEADWAKE_HOST" -keyout "$LEADWAKE_CERT_KEY.new" -out "$LEADWAKE_CERT.new" 2>/dev/null
mv "$LEADWAKE_CERT_KEY.new" "$LEADWAKE_CERT_KEY"
mv "$LEADWAKE_CERT.new" "$LEADWAKE_CERT"
echo "A stand-in certificate for $LEADWAKE_HOST lies at $LEADWAKE_CERT: browsers warn until certbot has the real one."
