"""What was done to the files of a folder, in order: the only thing that a power loss can leave a part of.

Names are those of files in the folder. Creating and removing a file is an entry of the folder, and durable when the
folder was synced; bytes are durable when their file was.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Create:
    """A file of this name is made."""

    name: str


@dataclass(frozen=True, slots=True)
class Remove:
    """It goes."""

    name: str


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes go into it."""

    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """It is cut, or grows by zeros."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Its bytes are on the disk."""

    name: str


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """The folder's entries are on the disk."""


Step = Create | Remove | Write | Truncate | Sync | SyncFolder


@dataclass
class Trace:
    """Steps, and beside them what the journal had promised: (steps done, promise), ascending."""

    steps: list[Step] = field(default_factory=list)
    promises: list[tuple[int, int]] = field(default_factory=list)  # ... of how many commits were told

    def promised(self, done: int) -> int:
        """How many commits were told to be on the disk when so many steps were done."""
        told = 0
        for at, commits in self.promises:
            if at > done:
                break
            told = commits
        return told
