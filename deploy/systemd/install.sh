#!/bin/sh
# Leadwake on a fresh Debian 12, 13 or Ubuntu 22.04, 24.04, in one command, from a checkout or a release's archive:
#
#   sudo deploy/systemd/install.sh leads.example.com you@example.com
#
# It installs nginx, certbot and Python from the distribution, makes the account `leadwake`, builds the release in
# /opt/leadwake, starts it as a service behind nginx, fetches a certificate and prints the link to sign in with.
# Run again it changes only what is missing. Data lie in /var/lib/leadwake, settings in /etc/leadwake/leadwake.env.
#
#   --dry-run          say what would be done, do nothing
#   --no-certificate   keep the stand-in certificate: the name does not lead here yet
#   --no-start         for a backup to be restored into: nothing is started, no key made
#   --no-nginx         no nginx, no certificate: another proxy passes on to 127.0.0.1:8000
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/systemd/common.sh
. "$here/common.sh"

usage="install.sh HOST EMAIL [--dry-run] [--no-certificate] [--no-start] [--no-nginx]"
host="" email="" certificate=yes nginx=yes start=yes
for word in "$@"; do
  case $word in
    --dry-run) dry=yes ;;
    --no-certificate) certificate=no ;;
    --no-start) start=no ;;
    --no-nginx) nginx=no certificate=no ;;
    -*) fail "$usage" ;;
    *) if [ -z "$host" ]; then host=$word; elif [ -z "$email" ]; then email=$word; else fail "$usage"; fi ;;
  esac
done
case $host in '' | *[!a-z0-9.-]*) fail "HOST is the name people will type, such as leads.example.com
$usage" ;; esac
case $email in *@*.*) ;; *) fail "EMAIL is where the first admin signs in by, and where Let's Encrypt writes to
$usage" ;; esac
be_root
be_alone
source=$(cd "$here/../.." && pwd -P)
release=$base/releases/$(version_of "$source")

step "Packages"
packages="ca-certificates curl openssl"
if [ "$nginx" = yes ]; then packages="$packages nginx certbot"; fi
if [ -z "$(python_there)" ]; then
  if apt-cache show python3.11-venv >/dev/null 2>&1; then
    packages="$packages python3.11 python3.11-venv"
  else
    packages="$packages python3 python3-venv"
  fi
fi
missing=""
for package in $packages; do
  if dpkg-query -W -f '${Status}\n' "$package" "$package-light" 2>/dev/null | grep -q '^install ok'; then
    continue
  fi
  missing="$missing $package"
done
if [ -n "$missing" ]; then
  say "From the distribution:$missing"
  run env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  # shellcheck disable=SC2086 # a list
  run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
  say "All there."
fi
if [ "$dry" = no ] && [ -z "$(python_there)" ]; then
  fail "Leadwake needs Python 3.11 or newer with venv; this distribution has none."
fi

step "Account and folders"
if ! id leadwake >/dev/null 2>&1; then
  say "The account leadwake, which nobody can log in to"
  run useradd --system --user-group --no-create-home --home-dir "$data" --shell /usr/sbin/nologin leadwake
fi
run install -d -m 0755 "$base" "$base/releases"
run install -d -m 0750 -o root -g leadwake /etc/leadwake
run install -d -m 0700 -o leadwake -g leadwake "$data"
if [ ! -e "$settings" ]; then
  say "Settings: $settings"
  if [ "$dry" = no ]; then
    (
      umask 027
      cat >"$settings.new" <<SETTINGS
# Settings of Leadwake, one NAME=value a line: docs/settings.md. Then: systemctl restart leadwake
LEADWAKE_PUBLIC_URL=https://$host
LEADWAKE_TRUSTED_PROXIES=127.0.0.1
SETTINGS
    )
    chgrp leadwake "$settings.new"
    mv "$settings.new" "$settings"
  fi
fi
if [ "$nginx" = yes ] && [ "$dry" = no ]; then
  (umask 027 && printf 'LEADWAKE_HOST=%s\nLEADWAKE_ACME_EMAIL=%s\n' "$host" "$email" >"$host_settings")
fi

step "Leadwake $(basename "$release")"
build "$source" "$release"
if [ -e "$current" ] && [ "$(readlink -f "$current")" != "$release" ]; then
  fail "$(readlink -f "$current") is installed already. To bring $(basename "$release"): $here/upgrade.sh"
fi

if [ "$nginx" = yes ]; then
  step "nginx"
  if [ -L /etc/nginx/sites-enabled/default ]; then
    say "The distribution's welcome page goes: it would answer in Leadwake's place."
    run rm /etc/nginx/sites-enabled/default
  fi
  run install -d -m 0755 /var/www/leadwake
  run env LEADWAKE_HOST="$host" "$release/deploy/certbot/stand-in.sh"
  run systemctl enable --now nginx
fi

step "The service"
put_in_place "$release" || fail "See above; run this again when it is mended."
invitation=""
if [ "$dry" = no ] && [ "$start" = yes ] && ! systemctl is-active -q leadwake; then
  as_owner "$release" migrate | tail -n 1
  if ! as_leadwake "$release" user list --json | grep -qF "\"$email\""; then
    invitation=$(as_leadwake "$release" user invite "$email" --role admin | tail -n 1)
  fi
fi
run systemctl enable leadwake.socket leadwake
if [ "$start" = no ]; then
  say "Not started. Bring the backup back (docs/operations.md), then: systemctl start leadwake"
elif [ "$dry" = yes ]; then
  say "  would start leadwake.socket and leadwake, and wait until /readyz answers there"
else
  start_and_wait || fail "Leadwake does not come up. What it says: journalctl -u leadwake -n 50"
fi

if [ "$certificate" = yes ]; then
  step "Certificate"
  if ! run "$current/deploy/certbot/issue.sh"; then
    say "No certificate yet. Does $host lead to this machine, and is port 80 open? Then: sudo $current/deploy/certbot/issue.sh"
  fi
  run systemctl enable --now certbot.timer
fi

step "Also worth a minute"
memory_mb=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024))
if [ "$memory_mb" -lt 1800 ]; then say "- $memory_mb MB of memory is little: 2 GB is what a team of 20 wants."; fi
if [ "$(wc -l </proc/swaps)" -lt 2 ]; then
  say "- No swap: fallocate -l 1G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile"
  say "  and for the next start: echo '/swapfile none swap sw 0 0' >> /etc/fstab"
fi
if ! command -v ufw >/dev/null || ! ufw status 2>/dev/null | grep -q '^Status: active'; then
  say "- No firewall: apt-get install ufw && ufw allow OpenSSH && ufw allow 80/tcp && ufw allow 443/tcp && ufw enable"
fi
if ! dpkg-query -W -f '${Status}\n' unattended-upgrades 2>/dev/null | grep -q '^install ok'; then
  say "- Security updates by themselves: apt-get install unattended-upgrades"
fi

step "Done"
if [ "$dry" = yes ]; then
  say "That was a dry run: nothing was changed."
  exit 0
fi
say "Leadwake is at https://$host, its commands are: sudo leadwake --help"
if [ -n "$invitation" ]; then
  say "Sign in with this link, once:"
  say "$invitation"
fi
say "What is still to set up: sudo leadwake doctor"
