#!/usr/bin/env bash
# ./dev run: a hub with a sample application that never stands still. The hub backs it up, proves
# the backup and restores it elsewhere; then it goes on until Ctrl-C. Usage: run_hub.sh HUBKEEP FOLDER
#
# FOLDER is made anew. HUBKEEP_PORT is the port (default: 8420; 0: any that is free). With
# HUBKEEP_RUN_ONCE=1 the hub is stopped after what is shown.
set -euo pipefail

hubkeep=${1:?Usage: run_hub.sh HUBKEEP FOLDER}
folder=${2:?Usage: run_hub.sh HUBKEEP FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
writer=
hub=

stop() {
    local pid
    for pid in $hub $writer; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { printf '\n--- %s\n' "$*"; }
show() {
    printf '$ hubkeep %s\n' "$*"
    "$hubkeep" "$@"
}
fail() {
    printf './dev run: %s\n' "$*" >&2
    exit 1
}

rm -rf "$folder"
mkdir -p "$folder/shop/photos" "$folder/hub/config"
folder=$(cd "$folder" && pwd)
export HUBKEEP_DATA=$folder/hub

step "A sample application in $folder/shop: files, and a database that a writer keeps committing to"
printf 'name: shop\ncurrency: EUR\n' >"$folder/shop/shop.yaml"
for i in $(seq 1 200); do
    seq "$i" $((i * 20)) >"$folder/shop/photos/$i.txt"
done
head -c 3000000 /dev/urandom >"$folder/shop/photos/film.bin"
python3 "$here/sample_writer.py" "$folder/shop/orders.db" &
writer=$!
for _ in $(seq 1 100); do
    [ -e "$folder/shop/orders.db.ready" ] && break
    kill -0 "$writer" || fail "the sample's writer did not start"
    sleep 0.1
done
rm -f "$folder/shop/orders.db.ready"

step "A hub on $HUBKEEP_DATA, whose configuration names it"
cat >"$HUBKEEP_DATA/config/hubkeep.yaml" <<YAML
hub:
  name: Sample
backup:
  sources:
    - {name: shop, type: files, path: $folder/shop}
YAML
cat "$HUBKEEP_DATA/config/hubkeep.yaml"
"$hubkeep" check-config
"$hubkeep" serve --port "${HUBKEEP_PORT:-8420}" >"$folder/hub.out" 2>"$folder/hub.log" &
hub=$!
until grep -q '^HubKeep is ready' "$folder/hub.out"; do
    kill -0 "$hub" 2>/dev/null || {
        cat "$folder/hub.log" >&2
        fail "the hub did not start (above). Is the port taken? Choose another: HUBKEEP_PORT=0 ./dev run"
    }
    sleep 0.05
done
url=$(sed -n 's/^HubKeep is ready on //p' "$folder/hub.out")

step "Back it up while it runs, and prove the backup"
show backup
id=$("$hubkeep" --json list | python3 -c 'import json, sys; print(json.load(sys.stdin)["backups"][0]["backup_id"])')
show verify "$id"
show list

step "Restore it elsewhere, and compare"
show restore "$id" --to "$folder/restored"
diff -r --no-dereference --exclude='orders.db*' "$folder/shop" "$folder/restored/shop" ||
    fail "the restored files differ from the application's"
python3 "$here/sample_writer.py" --check "$folder/restored/shop/orders.db" ||
    fail "the restored database is not consistent"
unzip -tq "$HUBKEEP_DATA/backups/$id.zip"

step "Ask it over the network, with a token"
password=$(sed -n 's/.*the password \([^ ]*\).*/\1/p' "$folder/hub.out")
token=$("$hubkeep" token create --user admin --name dev-run)
printf '$ curl -H "Authorization: Bearer <token>" %s/api/states/sensor.backup_backup_manager_state\n' "$url"
curl -fsS -H "Authorization: Bearer $token" "$url/api/states/sensor.backup_backup_manager_state"

cat <<TEXT


HubKeep is ready on $url
  administrator  admin, password $password
  token          $token
  data           $HUBKEEP_DATA (backups/ holds ordinary zips)
  log            $folder/hub.log
Try: curl -H "Authorization: Bearer $token" $url/api/v1/backup
     $hubkeep --data $HUBKEEP_DATA call backup.create
TEXT
[ -z "${HUBKEEP_RUN_ONCE-}" ] || exit 0
echo "Ctrl-C ends it."
wait "$hub"
