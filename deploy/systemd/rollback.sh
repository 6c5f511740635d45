#!/bin/sh
# Back to the Leadwake before the last upgrade:
#
#   sudo /opt/leadwake/current/deploy/systemd/rollback.sh
#
# When the former release can work with the data as they are, they stay and nothing is lost. When it cannot, this says so
# and changes nothing; with --restore FILE (the backup that the upgrade made) the data go back, too, and what came in
# since is kept aside in a database of another name, and works no more.
#
#   --dry-run       say what would be done, do nothing
#   --restore FILE  bring the data back to this backup where the former release needs it
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/systemd/common.sh
. "$here/common.sh"

restore=""
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry=yes ;;
    --restore)
      [ -f "${2:-}" ] || fail "--restore wants the file of a backup: sudo leadwake backup list"
      restore=$2
      shift
      ;;
    *) fail "rollback.sh [--dry-run] [--restore FILE]" ;;
  esac
  shift
done
be_root
be_alone
[ -e "$base/former/complete" ] || fail "There is no former release to go back to."
old=$(readlink -f "$base/former")
new=$(readlink -f "$current")
[ "$old" != "$new" ] || fail "$(basename "$old") is at work already."

step "Back from $(basename "$new") to $(basename "$old")"
if [ "$dry" = yes ]; then
  say "  would stop Leadwake, try $(basename "$old") on the data${restore:+, restore $restore if it needs that}, and start it"
  exit 0
fi
stop_for_good
if step_back "$old" "$restore"; then
  ln -sfn "$new" "$base/former"
  say "$(basename "$old") is at work."
  exit 0
fi
step "It cannot: $(basename "$new") goes on"
if step_back "$new" ""; then
  fail "$(basename "$old") does not work with these data. To bring them back as well: rollback.sh --restore FILE"
fi
fail "Neither comes up. What says why: journalctl -u leadwake -n 50"
