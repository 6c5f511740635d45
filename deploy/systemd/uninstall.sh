#!/bin/sh
# Leadwake goes from this machine; its data, backups, keys and settings stay: /var/lib/leadwake, /etc/leadwake.
#
#   sudo /opt/leadwake/current/deploy/systemd/uninstall.sh [--dry-run]
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/systemd/common.sh
. "$here/common.sh"

case ${1:-} in '') ;; --dry-run) dry=yes ;; *) fail "uninstall.sh [--dry-run]" ;; esac
be_root

step "Stopping and removing Leadwake"
if [ -e "$units/leadwake.service" ]; then
  run systemctl disable --now leadwake.socket leadwake
  run rm -f "$units/leadwake.socket" "$units/leadwake.service"
  run systemctl daemon-reload
fi
if [ -e "$site" ]; then
  run rm "$site"
  run systemctl reload-or-restart nginx
fi
run rm -f "$operator"
run rm -rf "$base"
say "Kept: $data (data, backups, the master key), /etc/leadwake (settings), the account leadwake, certificates, nginx."
say "To be rid of people's data as well, for good: rm -r $data"
