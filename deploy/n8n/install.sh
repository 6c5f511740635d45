#!/bin/sh
# Installs n8n and the Node it needs into one folder, from npm alone; nothing outside it is touched.
#   sh deploy/n8n/install.sh FOLDER
# Needs npm, a C compiler, make and Python; takes 5 to 10 minutes and 3 GB. Run again, it goes on where it stopped.
set -eu

node_version=24.21.0
n8n_version=2.41.1 # the newest whose dependencies can all be found; deploy/docker names the same

folder=${1:?"say where: sh deploy/n8n/install.sh FOLDER"}
command -v npm >/dev/null || {
    echo "npm is missing: install Node first (Debian: apt-get install npm)" >&2
    exit 1
}
mkdir -p "$folder/node" "$folder/n8n"
folder=$(cd "$folder" && pwd)

echo "1/3 Node $node_version"
cd "$folder/node"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --no-audit --no-fund --loglevel=error "node@$node_version"
PATH="$folder/node/node_modules/node/bin:$PATH"
export PATH

echo "2/3 n8n $n8n_version, some 2,400 packages"
cd "$folder/n8n"
echo "{\"private\": true, \"dependencies\": {\"n8n\": \"$n8n_version\"}}" >package.json
# without their scripts: the Kafka client's fetches a binary that is not on npm, fails, and takes the whole tree with it
npm install --ignore-scripts --no-audit --no-fund --loglevel=error

echo "3/3 the two packages that n8n cannot do without are compiled"
npm_config_nodedir="$folder/node/node_modules/node/node_modules/node-linux-$(node -p process.arch)"
export npm_config_nodedir
npm rebuild --loglevel=error sqlite3 isolated-vm
echo "n8n $(node_modules/.bin/n8n --version) is in $folder"
