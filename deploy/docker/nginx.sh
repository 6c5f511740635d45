#!/bin/sh
# Run by the nginx image before nginx starts: waits for a certificate, then has nginx take each new one within a minute.
set -eu

echo "nginx: waiting for a certificate"
until [ -s "$LEADWAKE_CERT" ]; do sleep 1; done

sum() { cksum "$LEADWAKE_CERT" 2>/dev/null || :; }

(
  used=$(sum)
  while sleep "${NGINX_LOOK_S:-60}"; do
    now=$(sum)
    if [ -n "$now" ] && [ "$now" != "$used" ] && nginx -t -q; then
      echo "nginx: a new certificate; reloading"
      nginx -s reload && used=$now
    fi
  done
) &
