"""Events as line protocol: measurements ``signal``, ``alarm``, ``lot`` and ``gateway``; lots are on these only."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from gateway.ingest.kinds import Kind
from gateway.ingest.linetext import Scalar, line, place
from gateway.model import AlarmChanged, LotChanged, LotMade, Noted, NumberedEvent, Signal

STATES = {"shelved": 4, "active": 3, "acknowledged": 2, "returned": 1, "closed": 0}
CHANGES = {"opened": 1, "moved": 2, "linked": 3, "closed": 0}


class EventLines:
    """For one site and one kind of database: its texts are fields, or tags where it keeps no texts."""

    def __init__(self, site: str, gateway: str, kind: Kind) -> None:
        self._site, self._gateway, self._kind = site, gateway, kind

    def line(self, each: NumberedEvent, time: int) -> str:
        """Its line, at a time as the database keeps it."""
        seq, event = each.seq, each.event
        match event:
            case Signal():
                return self._signal(seq, event, time)
            case AlarmChanged():
                return self._alarm(seq, event, time)
            case LotChanged():
                return self._lot(seq, event, time)
            case LotMade():
                return self._made(seq, event, time)
            case Noted():
                return self._noted(seq, event, time)

    def _signal(self, seq: int, event: Signal, time: int) -> str:
        tags = {"characteristic": event.characteristic, "chart": event.chart, "key": event.key}
        texts = {"rules": " ".join(event.rules), "lots": " ".join(event.lots)}
        fields: dict[str, Scalar] = {
            "value": float(event.value),
            "center": float(event.center),
            "lcl": float(event.lcl),
            "ucl": float(event.ucl),
            "size_sigma": float(event.size_sigma),
            "seq": seq,
        }
        return self._line("signal", event.tag, tags, texts, fields, time)

    def _alarm(self, seq: int, event: AlarmChanged, time: int) -> str:
        tags = {"alarm": event.alarm, "kind": event.kind}
        texts = {"state": event.state, "subject": event.subject, "lots": " ".join(event.lots)}
        fields: dict[str, Scalar] = {
            "version": event.version,
            "state_code": STATES.get(event.state, -1),
            "severity": int(event.severity),
            "seq": seq,
        }
        return self._line("alarm", event.tag, tags, texts, fields, time)

    def _lot(self, seq: int, event: LotChanged, time: int) -> str:
        tags = {"lot": event.lot, "role": event.role}
        texts = {"change": event.change, "parents": " ".join(event.parents)}
        fields: dict[str, Scalar] = {"change_code": CHANGES.get(event.change, -1), "seq": seq}
        return self._line("lot", f"{event.cell}/", tags, texts, fields, time)

    def _made(self, seq: int, event: LotMade, time: int) -> str:
        """Mass and shares, least and most where mixing is not known; what a lot is made of is in the replica."""
        tags = {"lot": event.lot, "kind": event.kind}
        least, most = interval([1.0 - row[0] for row in event.composition.passes])
        fields: dict[str, Scalar] = {
            "kg": float(event.kg),
            "sigma_kg": float(event.sigma_kg),
            "regrind_low": least,
            "regrind_high": most,
            "regrind_sigma": float(event.composition.regrind_sigma),
            "recycled": float(max(event.composition.recycled)),
            "rest": float(max(event.composition.rest)),
            "sources": len(event.composition.sources),
            "inputs": len(event.inputs),
            "version": event.version,
            "seq": seq,
        }
        return self._line("lot", f"{event.cell}/", tags, {}, fields, time)

    def _noted(self, seq: int, event: Noted, time: int) -> str:
        tags = {"kind": event.kind, "subject": event.subject, "gateway": self._gateway, "site": self._site}
        fields: dict[str, Scalar] = {"severity": int(event.severity), "seq": seq}
        if self._kind.strings:
            fields["facts"] = orjson.dumps(dict(event.facts)).decode()
        return line("gateway", tags, fields, time)

    def _line(
        self,
        measurement: str,
        tag: str,
        tags: dict[str, str],
        texts: dict[str, str],
        fields: dict[str, Scalar],
        time: int,
    ) -> str:
        where = {"site": self._site, **place(tag), **tags}
        if self._kind.strings:
            return line(measurement, where, {**fields, **texts}, time)
        return line(measurement, {**where, **texts}, fields, time)


def interval(rows: Iterable[float]) -> tuple[float, float]:
    """Least and most of the rows that a lot was solved by; rounding leaves no share below 0."""
    found = [max(0.0, float(row)) for row in rows]
    return min(found), max(found)
