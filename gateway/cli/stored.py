"""What commands share that read a journal or replicas: opening them, times, and lots by name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.cli.output import Code, Exit
from gateway.journal import JournalError, JournalReader, open_readers
from gateway.journal.errors import JournalBusy, JournalFull, JournalMissing
from gateway.views import moments, naming
from gateway.views.moments import iso
from gateway.views.naming import near

__all__ = ["FOREVER", "between", "instant", "iso", "lot_named", "near", "opened", "refusal"]

FOREVER = (-(2**63), 2**63 - 1)


@contextlib.contextmanager
def opened(data: Path) -> Iterator[list[JournalReader]]:
    """The journal in a folder, or the replicas below it. What is wrong with them ends the command with one line."""
    try:
        with contextlib.ExitStack() as readers:
            yield [readers.enter_context(reader) for reader in open_readers(data)]
    except JournalError as error:
        raise refusal(error) from error


def refusal(error: JournalError) -> Exit:
    """How a command ends on a journal that it cannot use: the same code in every command."""
    if isinstance(error, JournalMissing):
        return Exit(Code.USAGE, str(error))
    if isinstance(error, JournalBusy | JournalFull):
        return Exit(Code.TRY_LATER, str(error))
    return Exit(Code.FINDINGS, str(error))


def between(since: str | None, until: str | None) -> tuple[int, int]:
    """[t0, t1) in nanoseconds of ``--from`` and ``--to``; what was not given is open."""
    t0 = FOREVER[0] if since is None else instant(since)
    t1 = FOREVER[1] if until is None else instant(until)
    if since is not None and t0 >= FOREVER[1]:
        raise Exit(Code.USAGE, f"--from {since}: no journal reaches so far, it ends in the year 2262")
    if until is not None and t1 <= FOREVER[0]:
        raise Exit(Code.USAGE, f"--to {until}: no journal reaches so far, it begins in the year 1677")
    if t1 <= t0:
        raise Exit(Code.USAGE, f"--to {until} is not after --from {since}")
    return max(t0, FOREVER[0]), min(t1, FOREVER[1])


def instant(text: str) -> int:
    """`gateway.views.moments.instant`, for an option of a command."""
    try:
        return moments.instant(text)
    except ValueError as error:
        raise Exit(Code.USAGE, str(error)) from error


def lot_named(code: str, readers: Sequence[JournalReader]) -> str:
    """`gateway.views.naming.lot_named`, for an argument of a command. Unknown: code 1."""
    try:
        return naming.lot_named(code, readers)
    except naming.NoSuchLot as error:
        raise Exit(Code.FINDINGS, str(error)) from error
