#!/bin/sh
# A certificate for LEADWAKE_HOST, renewed for as long as this runs: Let's Encrypt over http-01, answered by nginx.
#
# nginx needs a certificate before it can answer for one: until the first is issued, a self-signed one stands in.
# What counts is always /etc/letsencrypt/leadwake; nginx.sh looks there and reloads. CERTBOT_ARGS: more arguments
# (--staging, another --server).
set -eu

where=${CERTBOT_DIR:-/etc/letsencrypt}
webroot=${CERTBOT_WEBROOT:-/var/www/certbot}
every=${CERTBOT_EVERY_S:-43200}
current=$where/leadwake

say() { echo "certbot: $*"; }

stand_in() {
  say "no certificate for $LEADWAKE_HOST yet: a self-signed one stands in"
  mkdir -p "$current"
  python3 - "$LEADWAKE_HOST" "$current" <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

host, where = sys.argv[1], Path(sys.argv[2])
key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:64])])
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + timedelta(days=30))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False).sign(key, hashes.SHA256())
)
pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
(where / "privkey.pem").touch(mode=0o600)
(where / "privkey.pem").write_bytes(key.private_bytes(pem, pkcs8, plain))
(where / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
PYTHON
}

# the key first, the chain last and by name: nginx.sh looks at the chain, and never sees half a pair
take_over() {
  live=$where/live/$LEADWAKE_HOST
  if [ -s "$live/fullchain.pem" ] && ! cmp -s "$live/fullchain.pem" "$current/fullchain.pem"; then
    (umask 077 && cp "$live/privkey.pem" "$current/privkey.pem.new")
    cp "$live/fullchain.pem" "$current/fullchain.pem.new"
    mv "$current/privkey.pem.new" "$current/privkey.pem"
    mv "$current/fullchain.pem.new" "$current/fullchain.pem"
    say "the certificate of $LEADWAKE_HOST is in use"
  fi
}

# asks for the first one, or renews what is due: certbot itself knows which
ask() {
  if [ -n "${CERTBOT_EMAIL:-}" ]; then account="--email $CERTBOT_EMAIL"; else account=--register-unsafely-without-email; fi
  # shellcheck disable=SC2086 # several words each, on purpose
  certbot certonly --webroot -w "$webroot" -d "$LEADWAKE_HOST" --non-interactive --agree-tos --keep-until-expiring \
    $account --config-dir "$where" ${CERTBOT_ARGS:-}
}

trap 'exit 0' TERM INT
[ -s "$current/fullchain.pem" ] || stand_in
while :; do
  take_over
  if ask; then take_over; wait_s=$every; else say "not issued; trying again in an hour at most"; wait_s=3600; fi
  if [ "$wait_s" -gt "$every" ]; then wait_s=$every; fi
  sleep "$wait_s" &
  wait $!
done
