"""Which lot a code names, in the journals that are asked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from gateway.journal import JournalReader

_NAMES_COMPARED = 20_000  # more take seconds to look for one that is near


class NoSuchLot(LookupError):
    """No lot has the code, or several do; says which are near, or which they are."""


def lot_named(code: str, readers: Sequence[JournalReader]) -> str:
    """The lot that a code names: its own name, any code that says it, or one that was scanned. Raises NoSuchLot."""
    if any(_knows(reader, code) for reader in readers):
        return code
    from gateway.codes.identify import Identified, lot_of  # noqa: PLC0415 # the tables of GS1, where no lot is called so

    said = lot_of(code)
    if isinstance(said, Identified) and any(_knows(reader, said.lot) for reader in readers):
        return said.lot
    scanned = sorted({lot for reader in readers for lot in reader.lots_of_code(code)})
    if len(scanned) == 1:
        return scanned[0]
    if scanned:
        raise NoSuchLot(f"the code {code} changed several lots: name one of {', '.join(scanned)}")
    known: set[str] = set()
    for reader in readers:
        known |= (
            {line.lot for line in reader.lots()} if reader.scans(_NAMES_COMPARED) < _NAMES_COMPARED else set()
        )
        known |= set(reader.made.names()) if reader.made.count() < _NAMES_COMPARED else set()
    raise NoSuchLot(f"no lot {code} here{near(code, known)}")


def _knows(reader: JournalReader, lot: str) -> bool:
    return reader.lot(lot) is not None or reader.made.knows(lot)


def near(word: str, known: set[str]) -> str:
    """The nearest known words, as the end of a sentence."""
    plain = {name.casefold(): name for name in sorted(known)}
    found = difflib.get_close_matches(word.casefold(), list(plain), n=3, cutoff=0.5)
    return f"; near to it: {', '.join(plain[name] for name in found)}" if found else ""
