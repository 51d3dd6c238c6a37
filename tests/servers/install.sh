#!/usr/bin/env bash
# install.sh FOLDER: brings the servers of package-lock.json to FOLDER, once for each lock file,
# and the scripts beside it, where Node.js looks for packages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1

for program in node npm; do
    command -v "$program" >/dev/null || {
        echo "$program is not installed; on Debian: apt-get install nodejs npm" >&2
        exit 1
    }
done

mkdir -p "$folder"
cp "$here"/*.cjs "$here"/package.json "$here"/package-lock.json "$here"/.npmrc "$folder"
cd "$folder"
if ! cmp -s package-lock.json node_modules/.installed-from; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
        echo "npm could not fetch the servers (above). They are needed once, from the network;" \
            "after that node_modules in $folder is used." >&2
        exit 1
    }
    cp package-lock.json node_modules/.installed-from
fi
