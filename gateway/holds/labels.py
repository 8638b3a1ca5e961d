"""Labels that were printed: each is an event, and a lot without a code gets one out of the site's counter. Pure."""

from __future__ import annotations

from dataclasses import replace

from gateway.codes.labels import label as code_of
from gateway.holds.findings import Found, noted
from gateway.holds.values import Holds
from gateway.model import Entry, Plain, Severity

SITE_LONGEST = 8
COUNTER_MOST = 10**10


def site_word(site: str) -> str:
    """The site in a label: its letters and digits, capital, at most eight.

    >>> site_word("north-plant_2"), site_word("demo"), site_word("--")
    ('NORTHPLA', 'DEMO', 'X')
    """
    word = "".join(letter for letter in site.upper() if letter.isascii() and letter.isalnum())
    return word[:SITE_LONGEST] or "X"


def label(holds: Holds, site: str, entry: Entry) -> tuple[Holds, Found]:
    """``{"lot", "copy", "facts"}``: what is on the label, and which copy it is. "" as lot: a new lot of our own."""
    body = entry.body
    lot, copy = str(body.get("lot", "")), body.get("copy")
    if not lot:
        if holds.labels + 1 >= COUNTER_MOST:
            why = "every number of this site's labels is given away"
            return holds, (
                noted(entry.at.time_ns, "label_refused", lot, operator=entry.operator, reason=why),
            )
        holds = replace(holds, labels=holds.labels + 1)
        lot = code_of(site_word(site), holds.labels)
    facts: dict[str, Plain] = {"operator": entry.operator, "copy": copy if isinstance(copy, int) else 1}
    facts |= {name: body[name] for name in ("form", "reason", "version") if name in body}
    return holds, (noted(entry.at.time_ns, "label_printed", lot, Severity.INFO, **facts),)
