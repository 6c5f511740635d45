#!/bin/sh
# certbot calls this with a new certificate: it is copied to where nginx reads it, nginx tries its configuration, and
# only then goes on with it. When nginx refuses, the former certificate is back in its place.
# LEADWAKE_NGINX_TEST, LEADWAKE_NGINX_RELOAD: the commands for that; ":" where nginx lives in another container.
set -eu

: "${RENEWED_LINEAGE:?certbot names the folder of the certificate}"
: "${LEADWAKE_CERT:=/etc/leadwake/tls/fullchain.pem}"
: "${LEADWAKE_CERT_KEY:=/etc/leadwake/tls/privkey.pem}"
: "${LEADWAKE_NGINX_TEST:=nginx -t -q}"
: "${LEADWAKE_NGINX_RELOAD:=systemctl reload nginx}"

if cmp -s "$RENEWED_LINEAGE/fullchain.pem" "$LEADWAKE_CERT"; then
  exit 0
fi
umask 077
mkdir -p "$(dirname "$LEADWAKE_CERT")" "$(dirname "$LEADWAKE_CERT_KEY")"
for file in "$LEADWAKE_CERT" "$LEADWAKE_CERT_KEY"; do
  if [ -e "$file" ]; then cp -p "$file" "$file.former"; fi
done
cp "$RENEWED_LINEAGE/privkey.pem" "$LEADWAKE_CERT_KEY.new"
cp "$RENEWED_LINEAGE/fullchain.pem" "$LEADWAKE_CERT.new"
mv "$LEADWAKE_CERT_KEY.new" "$LEADWAKE_CERT_KEY"
mv "$LEADWAKE_CERT.new" "$LEADWAKE_CERT"

if ! sh -c "$LEADWAKE_NGINX_TEST"; then
  for file in "$LEADWAKE_CERT" "$LEADWAKE_CERT_KEY"; do
    if [ -e "$file.former" ]; then mv "$file.former" "$file"; fi
  done
  echo "nginx refuses its configuration with the new certificate: the former one stays. Look at: nginx -t" >&2
  exit 1
fi
rm -f "$LEADWAKE_CERT.former" "$LEADWAKE_CERT_KEY.former"
sh -c "$LEADWAKE_NGINX_RELOAD"
echo "nginx serves the certificate of $RENEWED_LINEAGE"
