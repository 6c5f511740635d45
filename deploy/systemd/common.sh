# What install.sh, upgrade.sh, rollback.sh and uninstall.sh share; read by them, not run.
# shellcheck shell=sh disable=SC2034

PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
base=/opt/leadwake
current=$base/current
settings=/etc/leadwake/leadwake.env
host_settings=/etc/leadwake/host.env
data=/var/lib/leadwake
units=/etc/systemd/system
owner_settings=/etc/leadwake/owner.env
operator=/usr/local/bin/leadwake
site=/etc/nginx/conf.d/leadwake.conf
: "${PATIENCE_S:=300}"
dry=no
trying=""
worked_since=yes

say() { printf '%s\n' "$*"; }
step() { printf '\n%s\n' "== $*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The command, or under --dry-run what it would be.
run() {
  if [ "$dry" = yes ]; then
    printf '  would run: %s\n' "$*"
  else
    "$@"
  fi
}

be_root() {
  if [ "$(id -u)" != 0 ] && [ "$dry" = no ]; then fail "Run this as root: sudo $0"; fi
}

# One of these at a time on this machine.
be_alone() {
  if [ "$dry" = yes ]; then return; fi
  mkdir -p "$base"
  exec 9>"$base/.lock"
  flock -n 9 || fail "Another installation, upgrade or rollback is under way."
}

# 0.1.0, and the commit where the source is a checkout: 0.1.0-646f0e6
version_of() {
  version=$(sed -n 's/^version = "\([0-9A-Za-z.]*\)"$/\1/p' "$1/pyproject.toml")
  [ -n "$version" ] || fail "$1 is no source of Leadwake: it has no pyproject.toml with a version"
  commit=$(git -c safe.directory='*' -C "$1" rev-parse --short HEAD 2>/dev/null || true)
  printf '%s%s\n' "$version" "${commit:+-$commit}"
}

# The newest Python there is that Leadwake runs on.
python_there() {
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

# build SOURCE FOLDER: a whole release, dependencies by hash; what half happened is gone again.
build() {
  if [ -e "$2/complete" ]; then
    say "$2 is built already."
    return
  fi
  if [ "$dry" = yes ]; then
    say "  would build $2 from $1: a virtual environment, dependencies by their hashes, Leadwake, the files of deploy/"
    return
  fi
  rm -rf "$2"
  mkdir -p "$(dirname "$2")"
  if ! build_in "$1" "$2"; then
    rm -rf "$2"
    fail "The release could not be built; see above. Nothing else was changed."
  fi
}

build_in() {
  umask 022
  "$(python_there)" -m venv "$2" &&
    "$2/bin/python" -m pip install -q --no-deps --require-hashes --only-binary :all: -r "$1/requirements.txt" &&
    "$2/bin/python" -m pip install -q --no-deps --no-build-isolation "$1" &&
    "$2/bin/python" -m compileall -q -j 0 "$2/lib" &&
    cp -R "$1/deploy" "$2/deploy" &&
    : >"$2/complete"
}

# as_leadwake FOLDER WORDS: `leadwake WORDS` of that release, as the service's account and with its settings.
as_leadwake() {
  folder=$1
  shift
  LEADWAKE_PROGRAM=$folder/bin/leadwake "$folder/deploy/systemd/leadwake" "$@"
}

# as_owner FOLDER WORDS: the same as the owner of the tables, where a database server's service runs as somebody else.
as_owner() {
  if [ -e "$owner_settings" ]; then
    LEADWAKE_MORE_SETTINGS=$owner_settings as_leadwake "$@"
  else
    as_leadwake "$@"
  fi
}

# True where the database is on a server of one's own.
has_server() { grep -q '^LEADWAKE_DATABASE_URL' "$settings"; }

# put_in_place FOLDER: units, the operator's command and nginx as that release has them, and `current` leads to it.
put_in_place() {
  run install -m 0644 "$1/deploy/systemd/leadwake.service" "$1/deploy/systemd/leadwake.socket" "$units" &&
    run install -m 0755 "$1/deploy/systemd/leadwake" "$operator" &&
    run ln -sfn "$1" "$current.new" &&
    run mv -T "$current.new" "$current" &&
    run systemctl daemon-reload &&
    put_nginx_in_place "$1"
}

# The site of nginx, tried before it counts; a host without (installed with --no-nginx) stays without.
put_nginx_in_place() {
  if [ ! -e "$host_settings" ]; then return 0; fi
  if [ "$dry" = yes ]; then
    say "  would fill in $1/deploy/nginx/leadwake.conf.template as $site, try it and reload nginx"
    return 0
  fi
  if ! env "$(grep '^LEADWAKE_HOST=' "$host_settings")" "$1/deploy/nginx/render.sh" \
    <"$1/deploy/nginx/leadwake.conf.template" >"$site.new"; then
    rm -f "$site.new"
    return 1
  fi
  if cmp -s "$site.new" "$site"; then
    rm "$site.new"
    return 0
  fi
  if [ -e "$site" ]; then cp -p "$site" "$site.former"; fi
  mv "$site.new" "$site"
  if nginx -t -q; then
    rm -f "$site.former"
    systemctl reload-or-restart nginx
    return
  fi
  if [ -e "$site.former" ]; then mv "$site.former" "$site"; else rm "$site"; fi
  say "nginx refuses the new site, as it says above, and goes on with what it had."
  return 1
}

# ready ADDRESS: true once Leadwake answers there with its database, false when it has not for PATIENCE_S.
ready() {
  patient_until=$(($(date +%s) + PATIENCE_S))
  while [ "$(date +%s)" -lt "$patient_until" ]; do
    if curl -sf -o /dev/null --noproxy '*' --max-time 5 "http://$1/readyz"; then return 0; fi
    if [ -n "$trying" ]; then
      kill -0 "$trying" 2>/dev/null || return 1
    elif [ "$(systemctl show --property NRestarts --value leadwake)" -ge 3 ]; then
      return 1
    fi
    sleep 1
  done
  return 1
}

# start_and_wait: the socket listens, the service runs and is ready at the address that the socket has.
start_and_wait() {
  systemctl reset-failed leadwake.socket leadwake || true
  systemctl start --no-block leadwake.socket leadwake
  listens=$(systemctl show --property Listen --value leadwake.socket)
  ready "${listens%% *}"
}

# stop_for_good: the service ends, and nobody who connects starts it again; nginx says 503 with Retry-After.
stop_for_good() {
  systemctl stop leadwake.socket leadwake
}

# try_out FOLDER: that release on this machine's data, closed to the world and without workers, so that no lead comes in
# and nothing goes out. True when it is ready. Its migrations have run then.
try_out() {
  tried_log=$(mktemp)
  # by exec: what is ended below is Leadwake itself
  (LEADWAKE_PROGRAM=$1/bin/leadwake exec "$1/deploy/systemd/leadwake" serve --workers 0 --port 8001) \
    >"$tried_log" 2>&1 9>&- &
  trying=$!
  if ready 127.0.0.1:8001; then worked=yes; else worked=no; fi
  kill "$trying" 2>/dev/null || true
  wait "$trying" 2>/dev/null || true
  if [ "$worked" = no ]; then
    say "It does not come up:"
    tail -n 15 "$tried_log" | sed 's/^/  | /'
  fi
  rm -f "$tried_log"
  trying=""
  [ "$worked" = yes ]
}

# step_back FOLDER BACKUP: that release is back at work, on the data of that backup if it must be. $worked_since says
# whether a Leadwake was at work since the backup: then what the backup had planned may have been sent already.
step_back() {
  if [ -n "$trying" ]; then
    kill "$trying" 2>/dev/null || true
    wait "$trying" || true
    trying=""
  fi
  stop_for_good || true
  put_in_place "$1" || return 1
  if ! try_out "$1"; then
    if [ -z "$2" ]; then return 1; fi
    say "Bringing the data back to where they were: $2"
    as_owner "$1" backup restore "$2" --replace || return 1
    if has_server; then as_owner "$1" database roles --renew || return 1; fi
    if [ "$worked_since" = no ]; then
      as_leadwake "$1" backup release --send --yes || return 1
    fi
  fi
  start_and_wait
}
