#!/bin/sh
# A new Leadwake in place of the one at work, from the checkout or archive that this script lies in:
#
#   sudo deploy/systemd/upgrade.sh
#
# 1. It is built beside the old one, and its migration is rehearsed on a copy of the data. Leadwake goes on working.
# 2. Leadwake stops, a backup is made, and the new one is tried on the data, closed to the world and with nobody at work.
#    nginx tells whoever comes meanwhile to come again.
# 3. The new one takes over. If it does not come up in step 2 or 3, the old one is back, with its data, by itself.
#
#   --dry-run       say what would be done, do nothing
#   --no-rehearsal  skip the rehearsal: there is no room for a copy of the data
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=deploy/systemd/common.sh
. "$here/common.sh"

rehearsal=yes
for word in "$@"; do
  case $word in
    --dry-run) dry=yes ;;
    --no-rehearsal) rehearsal=no ;;
    *) fail "upgrade.sh [--dry-run] [--no-rehearsal]" ;;
  esac
done
be_root
be_alone
[ -L "$current" ] || fail "Leadwake is not installed here: $here/install.sh"
source=$(cd "$here/../.." && pwd -P)
old=$(readlink -f "$current")
new=$base/releases/$(version_of "$source")
if [ "$new" = "$old" ]; then
  say "$(basename "$old") is what runs already."
  exit 0
fi

step "Building $(basename "$new") beside $(basename "$old")"
build "$source" "$new"
if [ "$rehearsal" = yes ]; then
  step "Rehearsing the migration on a copy of the data"
  run as_owner "$new" migrate --rehearse || fail "The rehearsal failed; see above. Nothing was changed."
fi

kept=""
back() {
  trap - INT TERM HUP
  step "Going back to $(basename "$old")"
  if step_back "$old" "$kept"; then
    fail "The upgrade failed and $(basename "$old") is at work again, with its data. What failed stands above."
  fi
  fail "The upgrade failed, and so did the way back. What says why: journalctl -u leadwake -n 50. The backup: ${kept:-none}"
}

step "Stopping, and a backup"
if [ "$dry" = yes ]; then
  say "  would stop Leadwake, make a backup, try $(basename "$new") on the data, and put it in place"
  exit 0
fi
trap back INT TERM HUP
stop_for_good || back
if ! kept=$(as_leadwake "$old" backup create | head -n 1) || [ ! -f "$kept" ]; then
  kept=""
  say "No backup could be made, so nothing is changed."
  back
fi
say "$kept"
worked_since=no

step "Trying $(basename "$new") on the data, closed to the world"
if has_server; then
  # nobody but the owner changes tables, and new ones are open to nobody until they are given to the roles
  as_owner "$new" migrate || back
  as_owner "$new" database roles --renew || back
fi
try_out "$new" || back

step "Putting it in place"
put_in_place "$new" || back
worked_since=yes
start_and_wait || back
trap - INT TERM HUP
ln -sfn "$old" "$base/former"

step "Done"
say "$(basename "$new") is at work. The way back, while nobody regrets the leads since: $current/deploy/systemd/rollback.sh"
# one more stays beside these two
others=0
find "$base/releases" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2- | while read -r folder; do
  case $folder in "$new" | "$old") continue ;; esac
  others=$((others + 1))
  if [ "$others" -gt 1 ]; then
    say "An old release goes: $folder"
    rm -rf "$folder"
  fi
done
