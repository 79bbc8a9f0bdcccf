#!/usr/bin/env bash
# The package as a user gets it: packed, installed in an empty folder, run through npx, imported as the README does, its
# types checked. Needs the npm registry.
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

# The README's example, word for word: it runs, it answers as the command line does, and its types hold.
sed -n '/^```ts$/,/^```$/p' "$root/README.md" | sed '/^```/d' >example.mts
grep -q 'import { answer' example.mts
cp "$root/test/packed/types.mts" types.mts
"$root/node_modules/.bin/tsc" --strict --noEmit --target es2023 --lib es2023,dom --types '' \
  --module nodenext --moduleResolution nodenext example.mts types.mts
"$root/node_modules/.bin/esbuild" example.mts --log-level=warning --outfile=example.mjs
said=$(node example.mjs)
sentence=$(node -p 'JSON.parse(require("fs").readFileSync("answer.json")).verdicts[0].sentence')
[ "$said" = "$sentence" ] || { echo "README's example says \"$said\", altmap answer \"$sentence\"" >&2; exit 1; }

# Small enough to be fetched by npx without a thought, and nothing in it but what runs.
bytes=$(stat -c %s "$work/$tarball")
[ "$bytes" -lt $((6 * 1024 * 1024)) ] || { echo "the package has $bytes bytes, more than 6 MiB" >&2; exit 1; }
# Of src only data: recordings, and the probe's C, which the user's compiler reads.
kept='^package/src/(recording/data|measure/probe)/'
if tar -tzf "$work/$tarball" | grep -vE "$kept" | grep -E '^package/(test|bench|assembly|\.|src/)|debug|\.wat$'; then
  echo "the package holds what nobody runs" >&2
  exit 1
fi

# And from a checkout, where npx finds the package's own bin.
cd "$root"
npx altmap --version >/dev/null
echo "npm pack: $bytes bytes, installed in an empty folder, answered, imported"
