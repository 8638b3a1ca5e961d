"""The journal of one gateway, its readers and its replicas. The law is in `gateway/journal/journal.py`."""

from gateway.journal.errors import JournalError
from gateway.journal.journal import Journal, snapshot_due
from gateway.journal.reader import JournalReader, open_readers
from gateway.journal.recovery import Recovery
from gateway.journal.replica import Replica

__all__ = ["Journal", "JournalError", "JournalReader", "Recovery", "Replica", "open_readers", "snapshot_due"]
