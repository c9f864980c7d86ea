#!/bin/sh
# Make the environment of the validators, a second one: pydantic 2 keeps them out of the toolkit's.
# Usage: validators.sh VENV PYTHON   (a ready one whose lock file is the present one is left alone)
set -eu
venv=$1
python=$2
lock=$(dirname "$0")/../tests/validators/lock.txt

if [ -x "$venv/bin/python" ] && cmp -s "$lock" "$venv/lock.txt"; then
    exit 0
fi
echo "making the validators' environment $venv (some minutes the first time)"
rm -rf "$venv"
"$python" -m venv "$venv"
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps \
    --requirement "$lock" >"$venv/install.log" 2>&1; then
    tail -n 15 "$venv/install.log" >&2
    echo "error: the validators could not be installed; the whole output is in $venv/install.log" >&2
    exit 1
fi
cp "$lock" "$venv/lock.txt"
