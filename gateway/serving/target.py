"""Which box an act is for: the one that has the alarm or the lot, among those that the person may see."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.journal import JournalReader
from gateway.model import Identity
from gateway.site import ACTS
from gateway.web.acts import Wish


class NoTarget(Exception):
    """It goes nowhere; says why."""


def target(readers: Sequence[JournalReader], wish: Wish) -> Identity:
    """The journal that it is for. Raises NoTarget, JournalError."""
    if wish.kind not in ACTS:
        raise NoTarget(f"{wish.kind} is entered at the box: from here there are {', '.join(ACTS)}")
    newest = _newest([each for each in readers if each.replica and wish.site in {"", each.identity.site}])
    found = [reader for reader in newest if _knows(reader, wish)]
    if not found:
        raise NoTarget(_nowhere(wish))
    if len(found) > 1:
        names = ", ".join(sorted(reader.identity.site for reader in found))
        raise NoTarget(f"several sites have it: name one of {names}")
    reader = found[0]
    site = reader.site()
    known = next((user for user in site.users if user.operator == wish.operator), None) if site else None
    if known is None:
        who = f"the box of {reader.identity.site} does not know operator {wish.operator}"
        raise NoTarget(f"{who}: its config has to name your key under users")
    if wish.kind not in known.may:
        raise NoTarget(f"the box of {reader.identity.site} lets operator {wish.operator} not {wish.kind}")
    return reader.identity


def _newest(readers: Sequence[JournalReader]) -> list[JournalReader]:
    """Of each gateway the journal that it writes now: a box that began a new one takes nothing for the old one."""
    found: dict[tuple[str, str], JournalReader] = {}
    for reader in readers:
        key = (reader.identity.site, reader.identity.gateway)
        if key not in found or reader.last_event_ns() >= found[key].last_event_ns():
            found[key] = reader
    return list(found.values())


def _knows(reader: JournalReader, wish: Wish) -> bool:
    alarm, lot, charted = (wish.body.get(name) for name in ("alarm", "lot", "characteristic"))
    if alarm is not None:
        return any(each.alarm == alarm for each in reader.alarms())
    if lot is not None:
        return reader.lot(str(lot)) is not None or reader.made.knows(str(lot))
    if charted is not None:
        site = reader.site()
        return site is not None and charted in {row.id for row in site.characteristics}
    return True


def _nowhere(wish: Wish) -> str:
    if wish.body.get("alarm") is not None:
        return "no such open alarm here"
    if wish.body.get("lot") is not None:
        return f"no lot {str(wish.body['lot'])[:80]} here"
    return (
        "no such characteristic here" if wish.body.get("characteristic") is not None else "no such site here"
    )
