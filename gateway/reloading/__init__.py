"""Another config for a daemon that runs: all of it, or nothing.

Rule 1: what is not changed is not touched: buses that stay the same keep their sockets and their deadlines.  Rule 2:
all that can fail is done before anything is changed: the config is read by a process of its own, folded on trial, its
drivers are built; then buses that change end between two polls, the fold takes the config, and their next ones begin.
Rule 3: what this cannot change is told by name, and then nothing is changed.
"""

from gateway.reloading.changes import Changes, changes
from gateway.reloading.reading import BadConfig, Source
from gateway.reloading.reloader import Outcome, Reloader

__all__ = ["BadConfig", "Changes", "Outcome", "Reloader", "Source", "changes"]
