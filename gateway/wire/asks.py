"""``request`` and ``gone``: the ingest worker asks for records that it lacks, the gateway says which it has no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.model import Identity
from gateway.wire.checks import NotOurs, member, text
from gateway.wire.marks import STREAMS, by_stream
from gateway.wire.messages import head_of, identity_of, opened
from gateway.wire.readings import fragment

RUNS_MOST = 32  # of each stream in a message
REMOVED = "removed"  # retention took it, or it was never there
BEYOND = "beyond"  # the journal ends before: an older copy of it was restored
WHY = (REMOVED, BEYOND)

Runs = Mapping[str, Sequence[tuple[int, int]]]
"""Per stream closed intervals of seqs."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Records that the gateway's journal does not have."""

    identity: Identity
    why: str  # one of `WHY`
    runs: Runs


def request(identity: Identity, runs: Runs, time_ns: int) -> bytes:
    """The ingest worker lacks these, and asks for them at `time_ns`."""
    return fragment({**head_of(identity), "time_ns": time_ns, "runs": _plain(runs)})


def parse_request(payload: bytes) -> tuple[Identity, Runs]:
    """Raises NotOurs."""
    body = opened(payload)
    return identity_of(body), _runs(body)


def gone(said: Gone, time_ns: int) -> bytes:
    """The gateway's answer for what it cannot send again."""
    return fragment(
        {**head_of(said.identity), "time_ns": time_ns, "why": said.why, "runs": _plain(said.runs)}
    )


def parse_gone(payload: bytes) -> Gone:
    """Raises NotOurs."""
    body = opened(payload)
    why = text(member(body, "why"), "why")
    if why not in WHY:
        raise NotOurs(f"why is one of {', '.join(WHY)}")
    return Gone(identity_of(body), why, _runs(body))


def _plain(runs: Runs) -> dict[str, list[tuple[int, int]]]:
    return {stream: list(runs.get(stream, ()))[:RUNS_MOST] for stream in STREAMS}


def _runs(body: Mapping[str, Any]) -> Runs:
    found = by_stream(member(body, "runs"), "runs")
    if any(len(runs) > RUNS_MOST for runs in found.values()):
        raise NotOurs(f"more than {RUNS_MOST} runs of a stream")
    return found
