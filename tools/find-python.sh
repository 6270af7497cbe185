#!/bin/sh
# Print the path of a Python that fits avtutor; else say on stderr what is missing, and exit 1.
#
# Each candidate is *run*, since a name on the PATH promises nothing: it may be too old, a pyenv
# shim with no version behind it, or Debian's Python without its venv package.
# PYTHON=/path/to/python tries that one alone.

oldest=11 newest=14 # of Python 3; tests/test_makefile.py holds them to pyproject.toml

# One line: "fits PATH", or what is in the way. It has to parse in Python 2 as well.
probe="
import sys
def judge():
    version = '%d.%d' % sys.version_info[:2]
    if not (3, $oldest) <= sys.version_info[:2] <= (3, $newest):
        return 'version ' + version
    import platform
    if sys.platform == 'darwin' and platform.machine() == 'x86_64':
        return 'intel ' + version
    if sys.maxsize < 2 ** 32:
        return 'bits ' + version
    try:
        import ensurepip, venv
    except ImportError:
        return 'venv ' + version
    return 'fits ' + (getattr(sys, '_base_executable', None) or sys.executable)
print(judge())
"

if [ -n "${PYTHON-}" ]; then
    set -- "$PYTHON"
else
    set -- python3.12 python3.13 python3.11 python3.14 python3 python
fi
venv_missing='' intel='' seen=''
for candidate; do
    if ! command -v "$candidate" >/dev/null 2>&1; then
        [ -z "${PYTHON-}" ] || seen="$seen
  $candidate: there is no such program"
        continue
    fi
    answer=$("$candidate" -E -s -c "$probe" 2>/dev/null </dev/null) || answer=''
    case $answer in
    'fits '*)
        printf '%s\n' "${answer#fits }"
        exit 0
        ;;
    'version '*) problem="is Python ${answer#* }" ;;
    'intel '*) problem="is Python ${answer#* } for Intel Macs" intel=yes ;;
    'bits '*) problem="is a 32-bit Python ${answer#* }" ;;
    'venv '*) problem="is Python ${answer#* }, without venv and ensurepip" venv_missing=${answer#* } ;;
    *) problem="does not run (a pyenv shim with no version behind it?)" ;;
    esac
    seen="$seen
  $candidate $problem"
done

say() { printf '%s\n' "$*" >&2; }

say "avtutor needs Python 3.$oldest to 3.$newest; on this machine:${seen:-
  there is no Python}"
say "What helps:"
if [ -n "$intel" ]; then
    say "  PyTorch is no longer made for Intel Macs. On a Mac with an Apple chip, install a Python"
    say "  for that chip (this one runs translated); on an Intel Mac, use another computer."
elif [ -n "$venv_missing" ]; then
    say "  sudo apt install python$venv_missing-venv     (Debian, Ubuntu)"
elif [ "$(uname -s)" = Darwin ]; then
    say "  macOS's own Python is too old. Install 3.12 from python.org, or: brew install python@3.12"
elif command -v apt-get >/dev/null 2>&1; then
    say "  sudo apt install python3 python3-venv     (Debian 12, Ubuntu 24.04, and newer)"
else
    say "  Install Python 3.12 with its venv module from your system's packages."
fi
say "  With conda: conda env create -f environment.yml && conda activate avtutor && avtutor lab"
say "  A Python somewhere else: make lab PYTHON=/path/to/python3.12"
exit 1
