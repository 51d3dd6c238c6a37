#!/usr/bin/env bash
# ./dev run: a sample application that never stands still is backed up, proved, changed, restored
# elsewhere and compared. Usage: run_sample.sh HUBKEEP
set -euo pipefail

hubkeep=${1:?Usage: run_sample.sh HUBKEEP}
hubkeep=$(cd "$(dirname "$hubkeep")" && pwd)/$(basename "$hubkeep")
sample=$(mktemp -d "${TMPDIR:-/tmp}/hubkeep-sample-XXXXXX")
writer=

cleanup() {
    if [ -n "$writer" ]; then
        kill "$writer" 2>/dev/null || true
        wait "$writer" 2>/dev/null || true
    fi
}
trap cleanup EXIT

step() { printf '\n--- %s\n' "$*"; }
show() {
    printf '$ hubkeep %s\n' "$*"
    "$hubkeep" "$@"
}
fail() {
    printf 'run_sample.sh: %s\n' "$*" >&2
    exit 1
}

step "A sample application in $sample/shop: files, and a database that a writer keeps committing to"
mkdir -p "$sample/shop/photos/2026" "$sample/shop/uploads"
printf 'name: shop\ncurrency: EUR\n' >"$sample/shop/shop.yaml"
for i in $(seq 1 200); do
    seq "$i" $((i * 20)) >"$sample/shop/photos/2026/$i.txt"
done
head -c 3000000 /dev/urandom >"$sample/shop/photos/2026/film.bin"
ln -s photos/2026 "$sample/shop/latest"
python3 "$(dirname "$0")/sample_writer.py" "$sample/shop/orders.db" &
writer=$!
for _ in $(seq 1 100); do
    [ -e "$sample/shop/orders.db.ready" ] && break
    kill -0 "$writer" || fail "the sample's writer did not start"
    sleep 0.1
done
rm -f "$sample/shop/orders.db.ready"
ls -la "$sample/shop"

step "Back it up while it runs"
show backup --source "$sample/shop" --output "$sample/backups"
id=$(basename "$(ls "$sample"/backups/*.zip)" .zip)

step "Prove the backup"
show verify "$id" --output "$sample/backups"

step "Back it up again: only what changed costs anything"
show backup --source "$sample/shop" --output "$sample/backups"
show list --output "$sample/backups"
newest=$("$hubkeep" --json list --output "$sample/backups" | sed 's/.*"backups":\[{"backup_id":"\([^"]*\)".*/\1/')
show diff "$id" "$newest" --output "$sample/backups"

step "Restore it elsewhere, and compare"
show restore "$newest" --output "$sample/backups" --to "$sample/restored"
diff -r --no-dereference --exclude='orders.db*' "$sample/shop" "$sample/restored/shop" ||
    fail "the restored files differ from the application's"
echo "All files are the same."
python3 "$(dirname "$0")/sample_writer.py" --check "$sample/restored/shop/orders.db" ||
    fail "the restored database is not consistent"

step "Whoever has only unzip gets the files, too"
unzip -tq "$sample/backups/$newest.zip"
kill -0 "$writer" || fail "the sample's writer died meanwhile"

printf '\nEverything is in %s; look around, then remove it.\n' "$sample"
printf 'Try: %s show %s\n' "$hubkeep" "$sample/backups/$newest.zip"
