"""What `check --online` finds out about the database of a site, as problems at their lines."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.config import Loaded, Problem
    from gateway.ingest.probe import Answer
    from gateway.ingest.writer import WriteFailed

_LESS = {
    "time": (
        "precision",
        "it keeps times to {found}, and {declared} are written: what falls together overwrites itself",
    ),
    "strings": ("kind", "it keeps no texts ({found}): lots would turn into zeros"),
    "tags": ("kind", "a lot written as a tag comes back {found}"),
    "integers": ("kind", "it keeps no integers beyond 2^53 ({found})"),
    "digits": ("kind", "it keeps {found} digits of a number, {declared} are counted on"),
    "bad line": ("kind", "it says nothing of a line that it cannot read ({found})"),
    "conflict": ("kind", "it says nothing of a field of another type ({found})"),
}
_MANY = "it keeps {found} that were written to one time: VictoriaMetrics wants -dedup.minScrapeInterval=1ms"


def online_problems(loaded: Loaded) -> list[Problem]:
    """Whether the database is there, lets us write, and keeps what is counted on. Writes points, and deletes them."""
    from gateway.clock import SystemClock  # noqa: PLC0415 # only where it is asked for
    from gateway.ingest.probe import NotThatKind, probe  # noqa: PLC0415
    from gateway.ingest.probestore import probe_store  # noqa: PLC0415
    from gateway.ingest.writer import WriteFailed  # noqa: PLC0415

    database = loaded.site.database
    if database is None:
        return [loaded.problem(("database",), "there is none to ask: name a database, or leave --online out")]
    try:
        store = probe_store(database)
    except (OSError, ValueError) as error:
        return [loaded.problem(("database", "token_from"), str(error))]
    try:
        now_ns = SystemClock().now().time_ns
        probed = probe(database, store, secrets.token_hex(4), now_ns, threading.Event().wait)
    except NotThatKind as error:
        return [loaded.problem(("database", "kind"), f"{error}, not {database.kind}")]
    except WriteFailed as error:
        return [_refused(loaded, error)]
    finally:
        store.close()
    problems = [_less(loaded, answer) for answer in probed.answers if not answer.good]
    if not probed.cleaned:
        problems.append(loaded.problem(("database",), f"left behind: {probed.left}", "warning"))
    return problems


def _refused(loaded: Loaded, error: WriteFailed) -> Problem:
    text = str(error)
    if error.gone:
        return loaded.problem(("database", "url"), f"cannot be reached: {text}")
    if text.startswith(("401", "403")):
        return loaded.problem(("database", "token_from"), f"it does not let us in: {text}")
    if text.startswith("404"):
        return loaded.problem(("database", "bucket"), f"it has no such place: {text}")
    return loaded.problem(("database",), f"it does not take points: {text}")


def _less(loaded: Loaded, answer: Answer) -> Problem:
    words = {"found": answer.found, "declared": answer.declared}
    if answer.key == "rewrite":
        return loaded.problem(("database", "kind"), _MANY.format(**words), "warning")
    key, text = _LESS[answer.key]
    return loaded.problem(("database", key), text.format(**words))
