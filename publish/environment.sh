#!/bin/sh
# Make a Python environment and install into it: environment.sh FOLDER REQUIREMENTS
# PYTHON may name the interpreter; otherwise the newest suitable one on the PATH is taken.
set -eu
folder=$1
requirements=$2
# Only speeds up: without it, pip installs the same.
uv=uv==0.13.9

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
makes_environments() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

python=
without_venv=
for candidate in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3 python py}; do
    new_enough "$candidate" || continue
    if makes_environments "$candidate"; then
        python=$candidate
        break
    fi
    without_venv=$candidate
done
if [ -z "$python" ]; then
    if [ -n "$without_venv" ]; then
        echo "$without_venv cannot make environments: install its venv module" \
            "(on Debian or Ubuntu: apt install python3-venv)." >&2
    else
        echo "Python 3.11 or newer was not found${PYTHON:+ as $PYTHON}: install it, or name it:" \
            "make PYTHON=/path/to/python3." >&2
    fi
    exit 1
fi

echo "Installing into $folder (once; this needs the network) ..."
"$python" -m venv "$folder"
bin=$folder/bin
[ -d "$bin" ] || bin=$folder/Scripts
"$bin/python" -m pip install -qq --disable-pip-version-check --only-binary :all: $uv || true
"$bin/uv" pip install --quiet --python "$bin/python" -r "$requirements" ||
    "$bin/python" -m pip install -qq --disable-pip-version-check -r "$requirements"
touch "$folder/installed"
