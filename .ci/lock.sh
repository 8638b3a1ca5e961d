#!/bin/sh
# Writes requirements/lock.txt (what a site runs) and requirements/dev.txt (that, and every tool, the build backend
# included) from pyproject.toml, with hashes and without the address of any index.  uv lives only as long as this script.
# Pins that still fit are kept; `make lock ARGS=--upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet uv

compile() {
    "$tools/venv/bin/uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
        --python-version 3.11 --custom-compile-command "make lock" "$@"
}
# shellcheck disable=SC2086  # ARGS is a list of options
compile ${ARGS:-} pyproject.toml --output-file requirements/lock.txt
# shellcheck disable=SC2086
compile ${ARGS:-} --extra dev --extra fast --constraint requirements/lock.txt pyproject.toml \
    --output-file requirements/dev.txt
