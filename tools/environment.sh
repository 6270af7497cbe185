#!/bin/sh
# Make or mend the environment in .venv, and install avtutor there, with an extra where one is named.
#
#     tools/environment.sh [test|bench]
#
# What is installed already stays, a CPU-only torch too. A second call only looks whether the
# stamp still tells of this interpreter, this folder and this pyproject.toml.
set -eu
unset PYTHONHOME

case ${1-} in
'') extra='' levels='lab' ;;
test) extra='[test]' levels='lab test' ;;
bench) extra='[bench]' levels='lab test bench' ;; # each extra holds the one before it
*) echo "usage: tools/environment.sh [test|bench]" >&2 && exit 2 ;;
esac
cd "$(dirname "$0")/.."
python=.venv/bin/python
stamp=.venv/.installed-${1:-lab}

key() {
    "$python" -c 'import sys; print(sys.version, sys.prefix)' 2>/dev/null && cksum <pyproject.toml
}

if [ -f "$stamp" ] && [ "$(key)" = "$(cat "$stamp")" ]; then
    exit 0
fi

is_environment() { "$python" -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null; }
has_pip() { "$python" -m pip --version >/dev/null 2>&1; }

if ! is_environment || ! { has_pip || "$python" -m ensurepip >/dev/null 2>&1 && has_pip; }; then
    # Nothing is there, or a rest: cut off while it was made, or its interpreter is gone.
    found=$(sh tools/find-python.sh)
    echo "Making the environment in .venv with $found"
    "$found" -m venv --clear .venv
elif ! PYTHON=$python sh tools/find-python.sh >/dev/null 2>&1; then
    echo "The Python in .venv does not fit avtutor; \`make clean\` removes .venv." >&2
    exit 1
fi

# A package whose installation was cut off has no RECORD; pip would take it for a whole one.
for info in .venv/lib/python3*/site-packages/*.dist-info; do
    [ -f "$info/RECORD" ] || rm -rf "$info"
done

rm -f .venv/.installed-*
echo "Installing avtutor into .venv (the first time takes some minutes)"
"$python" -m pip install --disable-pip-version-check --no-user --editable ".$extra"
for level in $levels; do
    key >".venv/.installed-$level"
done
