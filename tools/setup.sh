#!/bin/sh
# Creates .venv from uv.lock. Called by `make setup` if .venv is not up to date.
#
# Needs a python3 that can create virtual environments and on which uv runs; the model may use another version. uv is
# taken from PATH or else installed into .uv. The interpreter of .venv is the first one of `wanted` on this machine, or
# else uv downloads the version in .python-version.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
wanted="$(cat .python-version) 3.13 3.12 3.14"
stamp=.venv/.stamp

say() { printf 'setup: %s\n' "$*"; }

# Print the real path of interpreter $1 if it is an ordinary CPython of version $2; fail otherwise. The real path is
# needed because pyenv's shims depend on the folder, and fail if their version is not selected there.
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

# Install uv into .uv with any Python that can create an environment. Run in /, because pyenv's python3 refuses to run in
# a folder whose .python-version names a version that is not installed.
install_uv() {
    for bootstrap in ${interpreter:+"$interpreter"} python3 /usr/bin/python3; do
        (cd / && "$bootstrap" -m venv --clear "$root/.uv") &&
            .uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5" &&
            return
    done
    say "found no python3 that can create a virtual environment and install uv; install uv by hand and try again" >&2
    return 1
}

interpreter=$(find_interpreter) || interpreter=
if ! uv=$(find_uv); then
    say "uv is not on PATH: installing it into .uv"
    install_uv
    uv=.uv/bin/uv
fi

# Recreate an environment that is damaged or was created in another folder: it contains its absolute path, and uv does
# not detect deleted files.
usable() {
    .venv/bin/python -c '' 2>/dev/null && test -x .venv/bin/bubble-abm &&
        { test ! -f "$stamp" || test "$(cat "$stamp")" = "$root"; }
}
if [ -e .venv ] && ! usable; then
    say ".venv is incomplete, or was created in another folder: creating it again"
    rm -rf .venv
fi

if [ -z "$interpreter" ]; then
    interpreter=$(cat .python-version)
    say "found no Python 3.12 or later: asking uv for Python $interpreter"
fi
rm -f "$stamp"
unset VIRTUAL_ENV
# Use the certificates of this machine, as git does, because behind a proxy uv's own list may not suffice. The variable
# has a newer and an older name; an existing value is kept.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-true}"
# Python compiles a module when it is first imported, unless it is told not to write; all modules would take half a minute.
UV_PROJECT_ENVIRONMENT=.venv "$uv" sync --frozen ${PYTHONDONTWRITEBYTECODE:+--compile-bytecode} --python "$interpreter"
printf '%s\n' "$root" >"$stamp"
say "ready: $(.venv/bin/python --version) in .venv"
