"""What commands share that read a journal or replicas: opening them, times, and lots by name."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.cli.output import Code, Exit
from gateway.codes.identify import Identified, lot_of
from gateway.journal import JournalError, JournalReader, open_readers
from gateway.journal.errors import JournalBusy, JournalFull, JournalMissing

FOREVER = (-(2**63), 2**63 - 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES_COMPARED = 20_000  # more take seconds to look for one that is near
_FRACTION = re.compile(r"([.,])(\d+)")


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


def iso(time_ns: int) -> str:
    """ISO 8601 in UTC with nanoseconds.

    >>> iso(1_800_000_000_000_000_001)
    '2027-01-15T08:00:00.000000001Z'
    """
    seconds, rest = divmod(time_ns, 1_000_000_000)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def instant(text: str) -> int:
    """Nanoseconds of an ISO 8601 time (UTC where it has no zone), all nine digits of it, or of a bare number.

    >>> instant("2027-01-15T09:00:00.000000001+01:00") == instant("1800000000000000001")
    True
    >>> iso(instant("2027-01-15"))
    '2027-01-15T00:00:00.000000000Z'
    """
    if re.fullmatch(r"-?[0-9]{9,}", text):
        return int(text)
    found = _FRACTION.search(text)
    fraction = found.group(2)[:9].ljust(9, "0") if found else "0"
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text))
    except ValueError as error:
        raise Exit(Code.USAGE, f"{text}: write a time as 2026-11-21T08:00:00Z, or as nanoseconds") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(seconds=1) * 1_000_000_000 + int(fraction)


def lot_named(code: str, readers: Sequence[JournalReader]) -> str:
    """The lot that a code names: its own name, any code that says it, or one that was scanned. Unknown: code 1."""
    if any(_knows(reader, code) for reader in readers):
        return code
    said = lot_of(code)
    if isinstance(said, Identified) and any(_knows(reader, said.lot) for reader in readers):
        return said.lot
    scanned = sorted({lot for reader in readers for lot in reader.lots_of_code(code)})
    if len(scanned) == 1:
        return scanned[0]
    if scanned:
        raise Exit(Code.FINDINGS, f"the code {code} changed several lots: name one of {', '.join(scanned)}")
    known = {line.lot for reader in readers for line in reader.lots()}
    for reader in readers:
        known |= set(reader.made.names()) if reader.made.count() < _NAMES_COMPARED else set()
    raise Exit(Code.FINDINGS, f"no lot {code} here{near(code, known)}")


def _knows(reader: JournalReader, lot: str) -> bool:
    return reader.lot(lot) is not None or reader.made.knows(lot)


def near(word: str, known: set[str]) -> str:
    """The nearest known words, as the end of a sentence."""
    plain = {name.casefold(): name for name in sorted(known)}
    found = difflib.get_close_matches(word.casefold(), list(plain), n=3, cutoff=0.5)
    return f"; near to it: {', '.join(plain[name] for name in found)}" if found else ""
