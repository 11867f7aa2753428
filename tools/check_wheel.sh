#!/bin/sh
# Builds wheel and source distribution in dist/, installs the wheel in a new environment, and tests outside the checkout
# that experiments, figures and the description of the model are included. Called by `make wheel`.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-true}"
uv=$(command -v uv) && "$uv" --version >/dev/null 2>&1 || uv=$root/.uv/bin/uv

rm -rf dist
.venv/bin/python -m hatchling build -d dist
.venv/bin/python -m venv --without-pip "$scratch/venv"
"$uv" pip install --quiet --python "$scratch/venv/bin/python" dist/bubble_abm-*.whl

cd "$scratch"
unset PYTHONPATH VIRTUAL_ENV
installed=$scratch/venv/bin/bubble-abm
"$installed" experiment --list | grep e01_baseline
"$installed" experiment e01 --quick
"$installed" figures fig02 --quick
test -s out/figures_quick/fig02_boom_and_bust.pdf
"$scratch/venv/bin/python" -c 'from bubble_abm.page.documents import documents; assert "odd/rules.html" in documents()'
code=0
"$installed" figures --publish || code=$?
test "$code" = 2
