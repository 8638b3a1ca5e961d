#!/bin/sh
# Brings what comes from npm into node_modules (git ignores it), exactly as package-lock.json has it, and runs no script of
# it; then copies what the pages load into gateway/web/vendor (git ignores it too), each file checked by its hash.
# Without npm or a registry there are no pages, and the tests that need them are skipped; with CI=true that is an error.
set -eu
cd "$(dirname "$0")/.."
vendor=gateway/web/vendor
wanted=$(cat package-lock.json gateway/web/vendor.sha256 | sha256sum)
is() { [ -e "$1" ] && [ "$(cat "$1")" = "$wanted" ]; }

fail() {
    if [ "${CI:-}" = true ]; then
        echo "npm.sh: with CI=true no test may be skipped, and $1" >&2
        exit 1
    fi
    echo "npm.sh: $1: there are no pages, and the tests of them and of the official EPCIS 2.0 schema are skipped" >&2
    exit 0
}

is node_modules/.lotwatch && is "$vendor/.lotwatch" && exit 0
if ! is node_modules/.lotwatch; then
    command -v npm >/dev/null 2>&1 || fail "there is no npm here (Debian package npm)"
    npm ci --ignore-scripts --no-progress --loglevel=error >&2 || fail "npm ci failed"
    echo "$wanted" >node_modules/.lotwatch
fi

rm -rf "$vendor"
mkdir -p "$vendor"
cp node_modules/htm/preact/standalone.module.js "$vendor/preact.js"
cp node_modules/uplot/dist/uPlot.iife.min.js "$vendor/uplot.js"
if ! (cd "$vendor" && sha256sum --check --strict --quiet ../vendor.sha256 >&2); then
    rm -rf "$vendor"
    echo "npm.sh: these are not the files that the pages were tested with: see gateway/web/vendor.sha256" >&2
    exit 1
fi
echo "$wanted" >"$vendor/.lotwatch"
