#!/usr/bin/env bash
# ./dev bench: HubKeep side by side with its peers. Usage: bench.sh HUBKEEP [--million]
exec python3 "$(dirname "$0")/bench.py" "$@"
