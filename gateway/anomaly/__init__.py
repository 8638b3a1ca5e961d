"""Anomaly checks that need no limits: scores with a known rate of false alarms. Pure.

`Watcher` is the room's face; `checks/` has the checks of one tag, `peers` that of several.
"""

from __future__ import annotations

from gateway.anomaly.checks import check_kinds, load_check
from gateway.anomaly.watcher import Scores, Watcher, WatcherState, score

__all__ = ["Scores", "Watcher", "WatcherState", "check_kinds", "load_check", "score"]
