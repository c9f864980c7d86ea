#!/bin/sh
# Make the virtual environment VENV and install TARGET ('.' or '.[test]') into it, pinned by
# constraints.txt. Says in one sentence what is missing.  Usage: environment.sh VENV TARGET
set -eu
venv=$1
target=$2

fail() {
    echo "error: $*" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null
}

if [ ! -x "$venv/bin/python" ] || ! fits "$venv/bin/python"; then
    found=
    for candidate in ${PYTHON:-} python3.12 python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
            found=$candidate
            break
        fi
    done
    if [ -z "$found" ]; then
        version=$(python3 --version 2>&1 || echo "no python3")
        fail "Python 3.11 or 3.12 is needed and $version was found; install one and name it: make demo PYTHON=/path/to/python3.12"
    fi
    "$found" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$found has no venv module; install it (Debian and Ubuntu: apt install python3-venv) and run make again"
    echo "making the environment $venv with $("$found" --version)"
    rm -rf "$venv"
    "$found" -m venv "$venv"
fi

echo "installing $target (some minutes the first time)"
log="$venv/install.log"
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --quiet \
    --constraint constraints.txt --editable "$target" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    if grep -qiE "gcc|cc1|Python\.h|failed building wheel|error: command" "$log"; then
        fail "a package had to be compiled and could not be; install a C compiler and the Python headers (Debian and Ubuntu: apt install build-essential python3-dev), then run make again"
    fi
    if grep -qiE "No space left" "$log"; then
        fail "the disk is full; the environment and the server's own need about 1.5 GB"
    fi
    fail "the packages could not be installed; is the package index reachable? The whole output is in $log"
fi
