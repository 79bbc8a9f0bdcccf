#!/usr/bin/env bash
# The package as a user gets it: packed, installed in an empty folder, run through npx. Needs the npm registry.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
tarball=$(npm pack --silent --pack-destination "$work" | tail -n 1)
mkdir "$work/empty"
cd "$work/empty"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent "$work/$tarball"
npx altmap --version
npx altmap answer --device cxl-samsung-mxp-genoa --capacity 64GiB --json >answer.json
node -e 'const a = JSON.parse(require("fs").readFileSync("answer.json")); if (a.results.length !== 2) throw new Error("expected two results")'
node --input-type=module -e 'import { InputError } from "altmap"; new InputError({ what: "the library loads" })'
# And from a checkout, where npx finds the package's own bin.
cd "$root"
npx altmap --version >/dev/null
echo "npm pack: installed in an empty folder, answered"
