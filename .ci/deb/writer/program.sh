#!/bin/sh
# lotwatch-writer @VERSION@, by the Python and the libraries of the gateway's package of that version. Nothing of the
# caller's Python and nothing in the folder we happen to be in takes part.
unset PYTHONHOME
PYTHONPATH=/usr/lib/lotwatch-writer
PYTHONSAFEPATH=1
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONSAFEPATH PYTHONDONTWRITEBYTECODE
exec /opt/lotwatch/versions/@VERSION@/bin/python -m lotwatch_writer "$@"
