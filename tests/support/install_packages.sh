#!/usr/bin/env bash
# install_packages.sh SOURCE FOLDER [SCRIPT…]: brings the npm packages that SOURCE/package-lock.json
# names to FOLDER, once for each lock file, and SOURCE's scripts and others beside them, where
# Node.js looks for packages.
set -euo pipefail
source=$1
folder=$2
shift 2

for program in node npm; do
    command -v "$program" >/dev/null || {
        echo "$program is not installed; on Debian: apt-get install nodejs npm" >&2
        exit 1
    }
done

mkdir -p "$folder"
cp "$source"/*.[cm]js "$@" "$source"/package.json "$source"/package-lock.json "$source"/.npmrc "$folder"
cd "$folder"
if ! cmp -s package-lock.json node_modules/.installed-from; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
        echo "npm could not fetch the packages of $source (above). They are needed once, from the" \
            "network; after that node_modules in $folder is used." >&2
        exit 1
    }
    cp package-lock.json node_modules/.installed-from
fi
