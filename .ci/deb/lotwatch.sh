#!/bin/sh
# lotwatch, of the version in whose folder this file is, by whatever link it was called. Nothing of the caller's Python and
# nothing in the folder we happen to be in takes part.
unset PYTHONPATH PYTHONHOME
PYTHONSAFEPATH=1
PYTHONDONTWRITEBYTECODE=1
export PYTHONSAFEPATH PYTHONDONTWRITEBYTECODE
exec "$(dirname "$(readlink -f "$0")")/python" -m gateway "$@"
