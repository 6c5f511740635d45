#!/bin/sh
# Run by the nginx image before nginx starts: its configuration from our one template, and a reload for each new certificate.
set -eu

chain=/etc/letsencrypt/leadwake/fullchain.pem

echo "nginx: waiting for a certificate"
until [ -s "$chain" ]; do sleep 1; done

print_sum() { cksum <"$chain"; }

(
  used=$(print_sum)
  while sleep 60; do
    now=$(print_sum)
    if [ "$now" != "$used" ] && nginx -t -q; then
      echo "nginx: a new certificate; reloading"
      nginx -s reload && used=$now
    fi
  done
) &
