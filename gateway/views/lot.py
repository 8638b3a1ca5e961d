"""Everything about one lot, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.journal import JournalReader
from gateway.journal.briefs import Edge
from gateway.journal.exposure import Exposures
from gateway.journal.lots import LotRecord, Window
from gateway.model import BAD_FROM, Ingredient, LotMade, Noted
from gateway.plain import to_plain
from gateway.sentences.reasons import in_both
from gateway.views.masses import composition_plain, made_plain, sources_plain
from gateway.views.moments import iso

_TEXTS_SHOWN = 5


def about(reader: JournalReader, record: LotRecord, exposures: Exposures) -> dict[str, Any]:
    """A lot as one journal knows it; what it is made of goes through all of them."""
    who, site = reader.identity, reader.site()
    versions = [event for _, _, event in reader.made.versions(record.lot) if isinstance(event, LotMade)]
    charted = [{"id": row.id, "tag": row.tag} for row in (site.characteristics if site else ()) if row.method]
    return {
        "site": who.site,
        "gateway": who.gateway,
        "mass": mass_plain(reader, versions[-1], exposures) if versions else None,
        "versions": [version_plain(each) for each in versions],
        "windows": [
            {
                **window_plain(window),
                "tags": tags_in(reader, window),
                "charts": [row for row in charted if row["tag"].startswith(f"{window.cell}/")],
            }
            for window in record.windows
        ],
        "parents": list(record.parents),
        "children": list(record.children),
        "changes": [
            {
                "time": iso(change.time_ns),
                "change": change.change,
                "cell": change.cell,
                "role": change.role,
                "code": change.code,
                "parents": list(change.parents),
            }
            for change in record.changes
        ],
        "events": events_of(reader, record, versions),
    }


def in_short(reader: JournalReader, record: LotRecord) -> dict[str, Any]:
    """Its newest version and where it was, without what takes long: readings, events, what it went into."""
    made = reader.made.made(record.lot)
    mass = None
    if made is not None:
        mass = {**made_plain(made), "composition": composition_plain(made), "facts": dict(made.facts)}
    who = reader.identity
    windows = [window_plain(window) for window in record.windows]
    return {"site": who.site, "gateway": who.gateway, "mass": mass, "windows": windows}


def mass_plain(reader: JournalReader, made: LotMade, exposures: Exposures) -> dict[str, Any]:
    """Its newest version: kilograms in and on, composition, and what was said at its closing."""
    on = []
    for child, into in reader.made.briefs(reader.made.children(made.lot)).items():
        edges = [edge for edge in into.inputs if edge.lot == made.lot]
        on += [
            {**_edge(edge), "lot": child, "kind": into.kind, "aggregated": into.aggregated} for edge in edges
        ]
    return {
        **made_plain(made),
        "aggregated": made.aggregated,
        "ground": made.ground,
        "inputs": [_edge(edge) for edge in made.inputs],
        "went_into": on,
        "composition": {
            **composition_plain(made),
            "sources": sources_plain(exposures, made, 0.0) if made.inputs else [],
        },
        "facts": dict(made.facts),
    }


def _edge(edge: Ingredient | Edge) -> dict[str, Any]:
    return {"lot": edge.lot, "kg": edge.kg, "sigma_kg": edge.sigma_kg, "mixing": edge.mixing}


def version_plain(made: LotMade) -> dict[str, Any]:
    """A version in short: 2 and on amend the one before, and say why."""
    regrind = composition_plain(made)["regrind"]
    return {"version": made.version, "reason": made.reason, "kg": made.kg, "regrind": regrind}


def window_plain(window: Window) -> dict[str, Any]:
    """A stay of a lot at a cell; "until" is null while it is there."""
    until = None if window.until_ns is None else iso(window.until_ns)
    return {"cell": window.cell, "role": window.role, "since": iso(window.since_ns), "until": until}


def tags_in(reader: JournalReader, window: Window) -> list[dict[str, Any]]:
    """What the tags of the cell did meanwhile: how many values, least, mean, most; of texts which ones."""
    until = _end(reader, window)
    tags = [tag for tag in reader.tags() if tag.startswith(f"{window.cell}/")]
    return [tag_in(reader, tag, window.since_ns, until) for tag in tags if until > window.since_ns]


def tag_in(reader: JournalReader, tag: str, t0: int, t1: int) -> dict[str, Any]:
    """One tag over a time. "bad" counts values that were not usable."""
    found = reader.readings(tag, t0, t1, 1)
    count, bad = int(found.count[0]), int(found.bad[0])
    if bad and not count:
        series = reader.readings(tag, t0, t1)
        if series.values.dtype.kind == "U":
            good = series.values[series.quality < BAD_FROM].tolist()
            texts = list(dict.fromkeys(good))[:_TEXTS_SHOWN]
            return {"tag": tag, "count": len(good), "bad": len(series) - len(good), "texts": texts}
    least, mean, most = (float(column[0]) if count else None for column in (found.min, found.mean, found.max))
    return {"tag": tag, "count": count, "bad": bad, "min": least, "mean": mean, "max": most}


def _end(reader: JournalReader, window: Window) -> int:
    """When a stay ended; of one that has not, just after the newest reading."""
    if window.until_ns is not None:
        return window.until_ns
    span = reader.span()
    return span[1] + 1 if span else window.since_ns


def events_of(
    reader: JournalReader, record: LotRecord, versions: Sequence[LotMade] = ()
) -> list[dict[str, Any]]:
    """Signals and alarms that name the lot; holds, releases, suspicions, results and labels of it."""
    times = [*(change.time_ns for change in record.changes), *(made.time_ns for made in versions)]
    if not times:
        return []
    since = min(times)
    out = []
    for seq, _, event in reader.naming(record.lot):
        if event.time_ns >= since:
            plain = to_plain(event)
            if isinstance(event, Noted):
                plain["facts"] = in_both(plain["facts"])
            out.append({"seq": seq, "time": iso(event.time_ns), **plain})
    return out
