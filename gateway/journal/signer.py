"""The box's own key, and heads signed with it. The key is a file beside the journal that nobody else reads."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from gateway.journal.chunkfile import sync_folder
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.journal import Journal
from gateway.journal.ledgerview import PUBLIC
from gateway.ports import Clock, Entropy
from gateway.proof.checkpoint import signed
from gateway.proof.head import origin_of
from gateway.proof.leaf import Leaf
from gateway.proof.note import NoKey, SigningKey

KEY = "ledger.key"
EVERY_NS = 1_000_000_000
_SEED_BYTES = 32
_OURS_ONLY = 0o600
OTHERS = 0o077

log = logging.getLogger(__name__)


def open_key(folder: Path, origin: str, entropy: Entropy) -> SigningKey:
    """The journal's key, made on the first run; its public half lies beside it. Raises JournalError.

    To keep it elsewhere, on another disk or a stick, make `ledger.key` a symbolic link. Where others have access to it,
    that is taken from them; a disk that knows no owners is no reason to stop recording, and is told of.
    """
    path = folder / KEY
    with translated(path):
        if not path.exists():
            _write(path, SigningKey(origin, entropy.token(_SEED_BYTES)).line(), _OURS_ONLY)
        text = path.read_text("ascii", "replace")
        if path.stat().st_mode & OTHERS:
            _guard(path)
    try:
        key = SigningKey.of_line(text)
    except NoKey as error:
        advice = "put it back from a copy, or remove it: a new key is a new start, and witnesses will say so"
        raise JournalCorrupt(f"{path}: {error}: {advice}") from None
    if key.public.name != origin:
        raise JournalCorrupt(f"{path}: it is the key of {key.public.name}, not of {origin}: remove it")
    public = folder / PUBLIC
    with translated(public):
        if not public.exists() or public.read_text("ascii", "replace").strip() != key.public.line():
            _write(public, key.public.line(), 0o644)
    return key


def _guard(path: Path) -> None:
    with contextlib.suppress(OSError):  # a FAT stick, or another owner: looked at below
        path.chmod(_OURS_ONLY)
    if path.stat().st_mode & OTHERS:
        log.error(
            "%s: others can read it, and chmod does not help: whoever has it signs heads as this box", path
        )
    else:
        log.warning(
            "%s: others could read it until now; if somebody did, remove it: a new key is a new start", path
        )


def _write(path: Path, line: str, mode: int) -> None:
    """Whole or not at all, and still there after a power cut."""
    target = path.resolve()
    half = target.with_name(target.name + ".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(target)
    sync_folder(target.parent)


class Signer:
    """Signs the journal's head when there is something new. `run` once a second; who publishes reads `newest`."""

    def __init__(self, journal: Journal, clock: Clock, key: SigningKey) -> None:
        self._journal, self._clock, self._key = journal, clock, key
        self.public = key.public.line()
        self.size, self.note = 0, ""  # of the newest checkpoint

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.sign()
            await self._clock.sleep_until(self._clock.boottime_ns() + EVERY_NS)

    def sign(self) -> None:
        """Now, where something was committed since the last one."""
        if self._journal.size > self.size:
            head = self._journal.head()
            self.note, self.size = signed(head, self._key), head.size
            self._journal.keep_head(head, self._clock.now().time_ns, self.note)

    async def leaves(self, first: int, end: int) -> list[Leaf]:
        """Committed leaves first..end-1."""
        return await self._journal.leaves(first, end)


def signer_of(journal: Journal, clock: Clock, entropy: Entropy) -> Signer:
    """Raises JournalError. Reads and writes files: not in a loop."""
    return Signer(journal, clock, open_key(journal.folder, origin_of(journal.identity), entropy))


def sign_now(journal: Journal, clock: Clock, entropy: Entropy) -> None:
    """Sign the head of a journal that no daemon runs on; on the disk when the journal closes. Raises JournalError."""
    signer_of(journal, clock, entropy).sign()
