#!/usr/bin/env bash
# bench_http.sh PROGRAM: what the gate, the router and the tokens cost, against QHttpServer as it
# is, in one run with wrk. PROGRAM is built by
# cmake --build --preset release --target bench_http
set -euo pipefail

program=${1:?the bench_http program}
command -v wrk >/dev/null || {
    echo "bench_http.sh: wrk is not installed. Run: apt-get install wrk" >&2
    exit 1
}

coproc server { exec "$program"; }
trap 'exec {server[1]}>&- 2>/dev/null || true' EXIT
read -r bare hub token <&"${server[0]}"

rate() { # PORT
    wrk -t1 -c16 -d4s -H "Authorization: Bearer $token" \
        "http://127.0.0.1:$1/api/states/sensor.backup_backup_manager_state" |
        awk '/Requests\/sec/ { rate = $2 } /Non-2xx/ { bad = $0 }
            END { if (bad) { print bad > "/dev/stderr"; exit 1 } print rate }'
}

# In turns, so that what else runs on the machine falls on both; the best of three counts.
best_bare=0
best_hub=0
for _ in 1 2 3; do
    best_bare=$(printf '%s\n%s\n' "$best_bare" "$(rate "$bare")" | sort -n | tail -1)
    best_hub=$(printf '%s\n%s\n' "$best_hub" "$(rate "$hub")" | sort -n | tail -1)
done
awk -v bare="$best_bare" -v hub="$best_hub" 'BEGIN {
    printf "GET /api/states/{id}: hub %.0f/s, bare QHttpServer %.0f/s, ratio %.0f%% (target 60%%)\n",
        hub, bare, 100 * hub / bare
}'
