"""1e5 codes that nobody made: python -m benchmarks.codes [--count N] [--seed N]

Random strings, tag memory with every header, good codes with a few wrong characters, and beginnings of every kind: each
has to be understood or refused with a reason that is in the list, never to raise. What is understood is understood
again the same way from its own element string, and a tag is written again bit by bit.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from benchmarks._codes_corpus import noise
from benchmarks._table import Row, machine, print_table
from gateway.codes.epc_memory import to_memory
from gateway.codes.epc_uris import from_uri
from gateway.codes.identify import CODES, Refused, Understood, lot_of, understand


def judged(code: str, symbology: str) -> str:
    """A kind, a reason, or what is wrong with the answer."""
    try:
        found, lot = understand(code, symbology), lot_of(code, symbology)
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        return f"raised {type(error).__name__}"
    if isinstance(found, Refused):
        return f"refused: {found.code}" if found.code in CODES and lot == found else f"untyped {found.code}"
    if isinstance(lot, Refused) and lot.code != "no_lot":
        return f"no lot for {lot.code}"
    if found.elements:
        again = understand(_escaped(found))
        if not isinstance(again, Understood) or again.elements != found.elements:
            return "its element string says something else"
    if found.tag_uri.startswith("urn:epc:tag:") and found.text[:1] in "0123456789":
        written = to_memory(from_uri(found.tag_uri))
        if written.rstrip("0") != found.text.rstrip("0"):
            return "its memory is written otherwise"
    return f"understood: {found.kind}"


def _escaped(found: Understood) -> str:
    return "".join(f"({each.ai}){each.value.replace('(', chr(92) + '(')}" for each in found.elements)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codes")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(machine())
    begin = time.perf_counter()
    told = Counter(judged(code, symbology) for code, symbology in noise(given.count, given.seed))
    took = time.perf_counter() - begin
    wrong = {what: count for what, count in told.items() if not what.startswith(("understood", "refused"))}
    rows = [Row(what, "", "", f"{count:,}") for what, count in told.most_common() if what not in wrong]
    rows += [Row(f"WRONG: {what}", "", "0", f"{count:,}", reached=False) for what, count in wrong.items()]
    rows.append(
        Row(
            f"{given.count:,} random codes: neither understood nor refused with a reason",
            "",
            "0",
            f"{sum(wrong.values())} in {took:.0f} s",
            reached=not wrong,
        )
    )
    print_table(rows)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
