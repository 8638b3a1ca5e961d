"""``head``, ``stored`` and ``status``: small retained payloads that say how far gateway and ingest worker are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.model import EVENT_STREAM, INPUT_STREAM, Identity
from gateway.ports import Watermark
from gateway.wire.checks import NotOurs, member, text, whole
from gateway.wire.messages import head_of, identity_of, opened
from gateway.wire.readings import fragment

STREAMS = (INPUT_STREAM, EVENT_STREAM)


def head(identity: Identity, last: Watermark, time_ns: int) -> bytes:
    """The newest committed seq of each stream, as the gateway says at `time_ns`."""
    return fragment({**head_of(identity), "time_ns": time_ns, "last": _plain(last)})


def parse_head(payload: bytes) -> tuple[Identity, Watermark]:
    """Raises NotOurs."""
    body = opened(payload)
    return identity_of(body), _watermark(body, "last")


@dataclass(frozen=True, slots=True)
class Stored:
    """What an ingest worker holds durably of one journal."""

    identity: Identity
    replica: Watermark  # per stream the contiguous prefix
    last: Watermark  # per stream the newest seq
    missing: Mapping[str, tuple[tuple[int, int], ...]]  # per stream the first runs between them that it lacks
    database: Watermark | None = None  # what a database accepted, where there is one
    leaves: int | None = None  # of the ledger, without a hole; None: by one who keeps none
    alarm: str = ""  # what the witness found last that did not fit
    known_lost: Mapping[str, tuple[tuple[int, int], ...]] = field(
        default_factory=dict
    )  # given up by a person


def stored(said: Stored, time_ns: int) -> bytes:
    """What the ingest worker holds, as it says at `time_ns`."""
    body: dict[str, object] = {
        **head_of(said.identity),
        "time_ns": time_ns,
        "stored": _plain(said.replica),
        "last": _plain(said.last),
        "missing": {stream: said.missing.get(stream, ()) for stream in STREAMS},
    }
    if any(said.known_lost.values()):
        body["known_lost"] = {stream: said.known_lost.get(stream, ()) for stream in STREAMS}
    if said.database is not None:
        body["database"] = _plain(said.database)
    if said.leaves is not None:
        body["ledger"] = {"leaves": said.leaves, "alarm": said.alarm}
    return fragment(body)


def parse_stored(payload: bytes) -> Stored:
    """Raises NotOurs."""
    body = opened(payload)
    return Stored(
        identity_of(body),
        _watermark(body, "stored"),
        _watermark(body, "last"),
        by_stream(member(body, "missing"), "missing"),
        _watermark(body, "database") if "database" in body else None,
        *_ledger(body.get("ledger")),
        by_stream(body["known_lost"], "known_lost") if "known_lost" in body else {},
    )


def by_stream(told: object, what: str) -> dict[str, tuple[tuple[int, int], ...]]:
    """Runs of seqs by stream. Raises NotOurs."""
    if not isinstance(told, dict):
        raise NotOurs(f"{what} is not an object")
    return {stream: tuple(_run(run) for run in _list(told.get(stream, []))) for stream in STREAMS}


def _ledger(told: object) -> tuple[int | None, str]:
    if not isinstance(told, dict):
        return None, ""
    return whole(member(told, "leaves"), "leaves"), text(told.get("alarm", ""), "alarm")


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise NotOurs("missing runs are not a list")
    return value


def _run(run: object) -> tuple[int, int]:
    if not isinstance(run, list) or len(run) != 2:
        raise NotOurs("a missing run is not a pair")
    first = whole(run[0], "missing", 1)
    return first, whole(run[1], "missing", first)


def status(identity: Identity, *, online: bool, time_ns: int | None = None) -> bytes:
    """Whether the gateway is connected; the last will has no time."""
    return fragment({**head_of(identity), "online": online, "time_ns": time_ns})


def parse_status(payload: bytes) -> tuple[Identity, bool]:
    """Raises NotOurs."""
    body = opened(payload)
    online = member(body, "online")
    if not isinstance(online, bool):
        raise NotOurs("online is neither true nor false")
    return identity_of(body), online


def _plain(mark: Watermark) -> dict[str, int]:
    return {"input": mark.input, "event": mark.event}


def _watermark(body: Mapping[str, Any], name: str) -> Watermark:
    mark = member(body, name)
    if not isinstance(mark, dict):
        raise NotOurs(f"{name} is not an object")
    return Watermark(*(whole(member(mark, stream), stream) for stream in ("input", "event")))
