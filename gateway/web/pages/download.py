"""Files about a lot that people take away: paper, EPCIS document, recall package. Made in the helper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.epcis.documents import document_pieces
from gateway.journal import JournalReader
from gateway.journal.made import HELD_FROM
from gateway.journal.madelots import NEWEST
from gateway.recall.build import CannotRecall, build
from gateway.recall.package import package_bytes
from gateway.recall.summary import lines
from gateway.reports import KINDS, LANGUAGES, NothingKnown, facts_of
from gateway.reports.pdf import pdf
from gateway.repository.events import EventStream
from gateway.views.naming import NoSuchLot, lot_named
from gateway.web.pages.files import handed
from gateway.web.pages.page import Asked, NotFound

_ALWAYS = (-(2**63), 2**63 - 1)
_HARMLESS = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Download:
    """One file that can be had of a lot. `pieces` runs in the helper; it raises NotFound, JournalError."""

    name: str  # of the file, after the lot's
    media: str
    pieces: Callable[[Asked, str], Iterator[bytes]]


def made(download: Download, asked: Asked) -> dict[str, Any]:
    """Where the file is, and what a browser is to call it."""
    try:
        lot = lot_named(asked.given.get("lot", ""), asked.readers)
    except NoSuchLot as error:
        raise NotFound(str(error)) from error
    for reader in asked.readers:
        reader.ledger.refresh()  # the tree has grown since this process opened it
    path = handed(download.pieces(asked, lot))
    plain = _HARMLESS.sub("_", lot)[:80] or "lot"
    return {"file": path, "name": f"{plain}-{_called(download, asked)}", "media": download.media}


def _called(download: Download, asked: Asked) -> str:
    if download.name != "report.pdf":
        return download.name
    kind, lang = _kind_and_language(asked)
    return f"{kind}-{lang}.pdf"


def _kind_and_language(asked: Asked) -> tuple[str, str]:
    kind, lang = asked.given.get("kind", "record"), asked.given.get("lang", "en")
    if kind not in KINDS:
        raise NotFound(f"kind is {kind[:40]!r}: write {' or '.join(KINDS)}")
    if lang not in LANGUAGES:
        raise NotFound(f"lang is {lang[:40]!r}: write {' or '.join(LANGUAGES)}")
    return kind, lang


def _report(asked: Asked, lot: str) -> Iterator[bytes]:
    kind, lang = _kind_and_language(asked)
    try:
        yield pdf(KINDS[kind](facts_of(asked.readers, lot, _upto(asked.given.get("upto", ""))), lang))
    except NothingKnown as error:
        raise NotFound(str(error)) from error


def _upto(text: str) -> int:
    if not text:
        return NEWEST
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 19):
        raise NotFound(f"upto is {text[:40]!r}: write the number of an event")
    return int(text)


def _epcis(asked: Asked, lot: str) -> Iterator[bytes]:
    yield from document_pieces(_events(asked.readers, [lot]), asked.now_ns)


def _events(readers: Any, lots: list[str]) -> Iterator[Any]:
    for reader in readers:
        stream = EventStream(JournalReader(reader.folder))
        try:
            for found in stream.of_lots(lots, *_ALWAYS):
                yield from stream.told(found)
        finally:
            stream.close()


def _recall(asked: Asked, lot: str) -> Iterator[bytes]:
    try:
        plain = build(asked.readers, lot, lot, least=HELD_FROM, made_ns=asked.now_ns)
    except CannotRecall as error:
        raise NotFound(str(error)) from error
    lots = [lot, *(row["lot"] for row in plain["answer"]["lots"])]
    document = b"".join(document_pieces(_events(asked.readers, lots), asked.now_ns))
    plain["epcis"] = orjson.Fragment(document.strip())
    plain["summary"] = "\n".join(lines(plain))
    yield package_bytes(plain)


_JSON = "application/json"
DOWNLOADS = {
    f"lot/{download.name}": download
    for download in (
        Download("report.pdf", "application/pdf", _report),
        Download("epcis.jsonld", "application/ld+json", _epcis),
        Download("recall.json", _JSON, _recall),
    )
}
"""By the path that they are asked for by."""
