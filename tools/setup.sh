#!/bin/sh
# Makes .venv from uv.lock. Called by `make setup`, which knows when there is nothing to do.
#
# Needs a python3 that can make virtual environments, of any version that uv runs on; it need not be the model's Python.
# uv is taken from PATH, else installed into .uv. The interpreter of .venv is the best one found on this machine (see
# `wanted`), else uv downloads the version in .python-version.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
wanted="$(cat .python-version) 3.13 3.12 3.14"
stamp=.venv/.stamp

say() { printf 'setup: %s\n' "$*"; }

# Print the real path of interpreter $1 if it is an ordinary CPython of version $2; fail otherwise. The real path,
# because pyenv's shims answer differently from one folder to the next, and fail where their version is not selected.
accept() {
    "$1" -c '
import sys, sysconfig
ordinary = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
if not ordinary or "%d.%d" % sys.version_info[:2] != sys.argv[1]:
    sys.exit(1)
print(getattr(sys, "_base_executable", None) or sys.executable)' "$2" 2>/dev/null
}

find_interpreter() {
    pyenv=${PYENV_ROOT:-${HOME:-}/.pyenv}
    for version in $wanted; do
        for candidate in "python$version" python3 python "$pyenv/versions/$version".*/bin/python; do
            accept "$candidate" "$version" && return
        done
    done
    return 1
}

find_uv() {
    if uv --version >/dev/null 2>&1; then
        command -v uv
    elif .uv/bin/uv --version >/dev/null 2>&1; then
        echo .uv/bin/uv
    else
        return 1
    fi
}

# Install uv into .uv with whichever Python can make an environment. From /, where .python-version has no say: pyenv's
# python3 refuses to run in a folder that asks for a version it does not have.
install_uv() {
    for bootstrap in ${interpreter:+"$interpreter"} python3 /usr/bin/python3; do
        (cd / && "$bootstrap" -m venv --clear "$root/.uv") &&
            .uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5" &&
            return
    done
    say "found no python3 that can make a virtual environment and install uv; install uv by hand and try again" >&2
    return 1
}

interpreter=$(find_interpreter) || interpreter=
if ! uv=$(find_uv); then
    say "uv is not on PATH: installing it into .uv"
    install_uv
    uv=.uv/bin/uv
fi

# Make an environment that is damaged, or that was made elsewhere, from nothing: it holds its own absolute path, and uv
# does not miss a deleted file.
usable() {
    .venv/bin/python -c '' 2>/dev/null && test -x .venv/bin/bubble-abm &&
        { test ! -f "$stamp" || test "$(cat "$stamp")" = "$root"; }
}
if [ -e .venv ] && ! usable; then
    say ".venv is incomplete, or was made in another folder: making it again"
    rm -rf .venv
fi

if [ -z "$interpreter" ]; then
    interpreter=$(cat .python-version)
    say "found no Python 3.12 or later: asking uv for Python $interpreter"
fi
rm -f "$stamp"
unset VIRTUAL_ENV
# Trust the certificates that this machine trusts, as git does: behind a proxy uv's own list is not enough. Two names,
# the newer and the older; whoever has set one keeps it.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-true}"
UV_PROJECT_ENVIRONMENT=.venv "$uv" sync --frozen --compile-bytecode --python "$interpreter"
printf '%s\n' "$root" >"$stamp"
say "ready: $(.venv/bin/python --version) in .venv"
