"""The configs of a journal, as people want to know of them: who changed what, when, and what became of a bundle."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from gateway.journal import JournalReader
from gateway.journal.ages import Age
from gateway.model import Noted
from gateway.views.book import book_of
from gateway.views.configdiff import said
from gateway.views.moments import iso

CHANGED = "config_changed"
STARTED = "config_started"  # read at a start: who wrote it is not known here
_NOTHING: dict[str, list[str]] = {"en": [], "zh": []}
_MOST = 50  # of the newest: comparing two takes some milliseconds


def configs(reader: JournalReader) -> list[dict[str, Any]]:
    """The newest first: each config that came into force after the first one, and each that was judged or refused."""
    told = book_of(reader).configs
    by_cause = {each.cause: each.event for each in told if each.event.kind == CHANGED}
    rows = [
        _plain(reader, each.event.kind, each.event, _NOTHING) for each in told if each.event.kind != CHANGED
    ]
    ages: list[Age] = []
    for age in reader.ages():
        if not ages or age.digest != ages[-1].digest:  # the same one set again is no change
            ages.append(age)
    for before, age in list(pairwise(ages))[-_MOST:]:
        words = said(before.site, age.site)
        if (event := by_cause.get(age.seq)) is not None:
            rows.append(_plain(reader, CHANGED, event, words))
        for numbered in () if event is not None else reader.inputs(age.seq, age.seq):
            started = {"time": iso(numbered.input.at.time_ns), "what": STARTED, **_told(words)}
            rows.append({**_who(reader), **started})
    return sorted(rows, key=lambda row: str(row["time"]), reverse=True)[:_MOST]


def _plain(reader: JournalReader, kind: str, event: Noted, words: dict[str, list[str]]) -> dict[str, Any]:
    facts = {name: event.facts[name] for name in ("by", "sequence", "reason", "why") if name in event.facts}
    return {**_who(reader), "time": iso(event.time_ns), "what": kind, **facts, **_told(words)}


def _told(words: dict[str, list[str]]) -> dict[str, list[str]]:
    return {"words": words["en"], "words_zh": words["zh"]}


def _who(reader: JournalReader) -> dict[str, str]:
    return {"site": reader.identity.site, "gateway": reader.identity.gateway}
