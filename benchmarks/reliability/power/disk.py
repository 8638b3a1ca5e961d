"""A disk that forgets: what of a trace may be there after the power was lost.

Durable are the bytes of a file up to its last sync, and the entries of the folder up to its last. Of what came after,
any part may be there: each write whole, in part, as zeros or not at all, in any order; entries up to any one of each
name. A write is torn at sectors of 512 bytes or 4 KiB, counted from the file's beginning, or in the middle of one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from benchmarks.reliability.power.trace import Create, Remove, Step, Sync, SyncFolder, Truncate, Write

SECTORS = (512, 4096)
Files = dict[str, bytes]


@dataclass
class Inode:
    """One file's bytes."""

    durable: bytearray = field(default_factory=bytearray)
    now: bytearray = field(default_factory=bytearray)  # with all that came after
    pending: list[Write | Truncate] = field(default_factory=list)
    _told: list[bytes | None] = field(default_factory=lambda: [None, None])  # durable and now, as bytes

    def changed(self, step: Write | Truncate) -> None:
        """One step more, not synced."""
        self.pending.append(step)
        applied(self.now, step)
        self._told[1] = None

    def sync(self) -> None:
        """All of it is durable."""
        self.durable = bytearray(self.now)
        self.pending.clear()
        self._told[0] = self._told[1]

    def bytes_durable(self) -> bytes:
        """What is durable; the same object until that changes."""
        told = self._told[0] = self._told[0] if self._told[0] is not None else bytes(self.durable)
        return told

    def bytes_now(self) -> bytes:
        """All of it, in the same way."""
        told = self._told[1] = self._told[1] if self._told[1] is not None else bytes(self.now)
        return told


def applied(content: bytearray, step: Write | Truncate) -> None:
    """Do it."""
    if isinstance(step, Truncate):
        if step.size < len(content):
            del content[step.size :]
        else:
            content.extend(bytes(step.size - len(content)))
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data


class Disk:
    """The files of one folder; `do` steps, and look what a power loss may leave."""

    def __init__(self, begun: Files | None = None) -> None:
        made = {name: Inode(bytearray(data), bytearray(data)) for name, data in (begun or {}).items()}
        self.entries: dict[str, Inode] = made  # as every program sees them
        self._durable = dict(made)
        self._changes: dict[
            str, list[Inode | None]
        ] = {}  # by name, since the folder's last sync; None: removed

    def do(self, step: Step) -> None:
        """One step more."""
        if isinstance(step, Create):
            self.entries[step.name] = made = Inode()
            self._changes.setdefault(step.name, []).append(made)
        elif isinstance(step, Remove):
            del self.entries[step.name]
            self._changes.setdefault(step.name, []).append(None)
        elif isinstance(step, Sync):
            self.entries[step.name].sync()
        elif isinstance(step, SyncFolder):
            self._durable = dict(self.entries)
            self._changes.clear()
        else:
            self.entries[step.name].changed(step)

    @property
    def unsynced(self) -> bool:
        """Whether there is more than one thing that may be left."""
        return bool(self._changes) or any(inode.pending for inode in self.entries.values())

    def all_of_it(self, torn: Write | Truncate | None = None) -> Files:
        """Everything that was done, in order, and perhaps a part of the next step."""
        files = {name: inode.bytes_now() for name, inode in self.entries.items()}
        if torn is not None:
            content = bytearray(files[torn.name])
            applied(content, torn)
            files[torn.name] = bytes(content)
        return files

    def some_of_it(self, chance: random.Random) -> Files:
        """Any part of what is not synced."""
        files: Files = {}
        share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))  # of the writes that are there
        for name in sorted({*self.entries, *self._durable}):
            changes = self._changes.get(name, [])
            choices = [self._durable.get(name), *changes]
            inode = choices[chance.randrange(len(choices))]
            if inode is not None:
                files[name] = self._some(inode, chance, share)
        return files

    def _some(self, inode: Inode, chance: random.Random, share: float) -> bytes:
        if not inode.pending:
            return inode.bytes_durable()
        content = bytearray(inode.durable)
        steps = list(inode.pending)
        for step in steps:
            draw = chance.random()
            if draw < share:
                applied(content, step)
            elif draw < share + (1 - share) * 0.3 and isinstance(step, Write):
                applied(content, damaged(step, chance))
        return bytes(content)


def torn_at_every_sector(step: Write) -> list[Write]:
    """Beginnings of a write: at each place where a sector ends in it, and within its first and last bytes."""
    end = step.offset + len(step.data)
    cuts = {step.offset + 1, end - 1, *range(step.offset - step.offset % 512 + 512, end, 512)}
    inside = sorted(at for at in cuts if step.offset < at < end)
    return [Write(step.name, step.offset, step.data[: at - step.offset]) for at in inside]


def damaged(step: Write, chance: random.Random) -> Write:
    """Some sectors of a write are there; others are zeros, or what a drive wrote when its power went."""
    size = chance.choice(SECTORS)
    first, end = step.offset // size, -(-(step.offset + len(step.data)) // size)
    data = bytearray(step.data)
    last = chance.randrange(first, end)
    kind = chance.randrange(3)
    for sector in range(first, end):
        begin = max(sector * size - step.offset, 0)
        stop = min((sector + 1) * size - step.offset, len(data))
        if kind == 0 and sector > last:  # the end is missing
            return Write(step.name, step.offset, bytes(data[:begin]))
        if kind == 1 and chance.random() < 0.5:
            data[begin:stop] = bytes(stop - begin)
        if kind == 2 and sector == last:
            data[begin:stop] = chance.randbytes(stop - begin)
    return Write(step.name, step.offset, bytes(data))
