"""Copies of a journal, and going on from one.

Rule 1: a copy is a prefix of what was committed, whole, and says of every file what it must be.  Rule 2: nothing is
written over.  Rule 3: a copy is not taken for its original: numbers that the original may have used after the copy was
made are never used again, so whoever goes on from a copy does so under a new epoch (docs/decisions/0107).
"""

from gateway.keeping.backup import BackupFailed, backup
from gateway.keeping.goon import go_on
from gateway.keeping.restore import NotRestored, Restored, restore

__all__ = ["BackupFailed", "NotRestored", "Restored", "backup", "go_on", "restore"]
