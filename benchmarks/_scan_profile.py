"""One scan taken apart by Chromium's own trace: what was asked for in which order, and who worked until it was painted.

The span is from Enter to the mark `painted both` of benchmarks/_browser_marks.py. Work is CPU time of a thread (`tdur`
of the trace's complete events), the main thread's by kind and without what is nested in it; threads that the trace says
nothing of (the daemon, its helper) are not in it. Format: "Trace Event Format", complete events (ph X).
"""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks._table import Row

CATEGORIES = [
    "toplevel",
    "devtools.timeline",
    "blink.user_timing",
    "v8",
    "disabled-by-default-devtools.timeline",
]
KINDS = {
    "scripts compiled and loaded": ("v8.compile", "v8.evaluate", "EvaluateScript", "V8.DeserializeContext"),
    "documents and sheets read": ("ParseHTML", "ParseAuthorStyleSheet"),
    "style": ("UpdateLayoutTree", "RecalculateStyles"),
    "layout": ("Layout",),
    "painting and handing over": ("PrePaint", "Paint", "Layerize", "Commit", "UpdateLayer"),
    "garbage": ("MinorGC", "MajorGC", "BlinkGC", "V8.GC"),
    "our script running": (
        "FunctionCall",
        "RunMicrotasks",
        "EventDispatch",
        "FireAnimationFrame",
        "TimerFire",
    ),
}
OTHER = "tasks of the browser"
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """Milliseconds. `asked`: requests in their order, each with when it was sent and when its answer was whole."""

    wall: float
    main: dict[str, float]  # CPU of the page's main thread, by kind
    others: dict[str, float]  # CPU of the browser's other threads, by their names
    asked: list[tuple[str, float, float]]


def profile_of(trace: bytes) -> Profile | None:
    """Of a trace with one scan in it; None where its marks are not there."""
    events: list[Event] = json.loads(trace)["traceEvents"]
    scan, painted = _mark(events, "scan"), _mark(events, "painted both")
    if scan is None or painted is None:
        return None
    begin, end = scan["ts"], painted["ts"]
    main = (painted["pid"], painted["tid"])
    names = {
        (each["pid"], each["tid"]): each["args"]["name"] for each in events if each["name"] == "thread_name"
    }
    threads: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for each in events:
        if each.get("ph") == "X" and begin <= each["ts"] < end:
            threads[each["pid"], each["tid"]].append(each)
    others: dict[str, float] = defaultdict(float)
    for thread, found in threads.items():
        if thread != main:
            others[names.get(thread, "?")] += sum(ms for _, ms in _selves(found))
    kinds: dict[str, float] = defaultdict(float)
    for name, ms in _selves(threads[main]):
        kinds[_kind(name)] += ms
    return Profile((end - begin) / 1000, dict(kinds), dict(others), _asked(events, begin, end))


def _mark(events: Iterable[Event], name: str) -> Event | None:
    return next(
        (each for each in events if each["name"] == name and "blink.user_timing" in each.get("cat", "")), None
    )


def _kind(name: str) -> str:
    return next((kind for kind, begins in KINDS.items() if name.startswith(begins)), OTHER)


def _selves(events: list[Event]) -> list[tuple[str, float]]:
    """Each one's own milliseconds of CPU, without those of what is nested in it."""
    selves: list[list[Any]] = []
    open_: list[tuple[int, int]] = []  # index in selves, end
    for each in sorted(events, key=lambda event: (event["ts"], -event.get("dur", 0))):
        while open_ and open_[-1][1] <= each["ts"]:
            open_.pop()
        took = each.get("tdur", 0) / 1000
        if open_:
            selves[open_[-1][0]][1] -= took
        open_.append((len(selves), each["ts"] + each.get("dur", 0)))
        selves.append([each["name"], took])
    return [(name, max(ms, 0.0)) for name, ms in selves]


def _asked(events: Iterable[Event], begin: int, end: int) -> list[tuple[str, float, float]]:
    sent: dict[str, tuple[str, int]] = {}
    done: dict[str, int] = {}
    for each in events:
        data = each.get("args", {}).get("data", {})
        if each["name"] == "ResourceSendRequest" and begin <= each["ts"] < end:
            sent[data["requestId"]] = (data["url"], each["ts"])
        elif each["name"] == "ResourceFinish":
            done[data["requestId"]] = each["ts"]
    return [
        (url, (at - begin) / 1000, (done.get(key, end) - begin) / 1000)
        for key, (url, at) in sorted(sent.items(), key=lambda item: item[1][1])
    ]


def rows(profiles: list[Profile]) -> list[Row]:
    """Medians over some scans."""

    def middle(what: str, values: list[float], unit: str = "ms") -> Row:
        return Row(f"  {what}", "", "", f"{statistics.median(values):.0f} {unit}")

    asked = [each.asked for each in profiles]
    answers = [max((end for url, _, end in each if "/lot.json" in url), default=0.0) for each in asked]
    found = [
        Row(f"{len(profiles)} scans taken apart, traced, medians: Enter to painted", "", "",
            f"{statistics.median(each.wall for each in profiles):.0f} ms"),
        middle("requests sent until then", [float(len(each)) for each in asked], ""),
        middle("the last of the lot's answers was whole after", answers),
        middle("CPU of the page's main thread", [sum(each.main.values()) for each in profiles]),
    ]  # fmt: skip
    found += [
        middle(f"... {kind}", [each.main.get(kind, 0.0) for each in profiles]) for kind in (*KINDS, OTHER)
    ]
    found.append(
        middle("CPU of the browser's other threads", [sum(each.others.values()) for each in profiles])
    )
    threads = {name for each in profiles for name in each.others}
    for name in sorted(threads):
        values = [each.others.get(name, 0.0) for each in profiles]
        if statistics.median(values) >= 1:
            found.append(middle(f"... {name}", values))
    return found
