"""The daemon as a service of systemd: told when it is ready and while it is well, its words in the system's journal.

Rule 1: without systemd nothing of this is there and nothing is missing.  Rule 2: nothing here can end the daemon: a
socket that takes no word costs that word.
"""

from gateway.service.notify import Notifier, notifier
from gateway.service.vitals import Vital, Vitals
from gateway.service.watchdog import Watchdog

__all__ = ["Notifier", "Vital", "Vitals", "Watchdog", "notifier"]
