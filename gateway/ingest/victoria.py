"""What VictoriaMetrics says of itself, and its snapshot as a barrier: after it, what was accepted is on the disk.

A snapshot writes out what is in memory and makes hard links of it; ours is deleted again at once. The counters of
``/metrics`` are up to a second old.
"""

from __future__ import annotations

import contextlib
import logging
import re

import orjson

from gateway.ingest.kept import Connection
from gateway.ingest.writer import State, WriteFailed, refusal
from gateway.site import Database
from gateway.trust.secret import read_secret

COUNTED_S = 1.2  # after so long a counter has what was accepted
TIMEOUT_S = 60

log = logging.getLogger(__name__)


class Steward:
    """Asks one VictoriaMetrics. Not for two threads at once."""

    def __init__(self, database: Database, connection: Connection | None = None) -> None:
        self._connection = connection or Connection(database.url, TIMEOUT_S)
        secret = read_secret(database.token_from)
        self._headers = {"Authorization": f"Token {secret}"} if secret else {}
        self._snapshots = self._seen = True

    def state(self) -> State:
        """When it started, and what it left out since; nothing where we may not see that. Raises WriteFailed."""
        answer = self._connection.ask("GET", "/metrics", None, self._headers)
        if answer.status >= 500:
            raise refusal(answer.status, answer.reason, answer.text, answer.after)
        if answer.status != 200:
            if self._seen:
                log.warning(
                    "no /metrics (%d): a restart, or a line left out, would go unnoticed", answer.status
                )
            self._seen = False
            return State()
        return State(
            str(_sum(answer.body, rb"vm_app_start_timestamp") or ""),
            _sum(answer.body, rb'vm_rows_invalid_total\{type="influx"'),
            _sum(answer.body, rb"vm_rows_ignored_total"),
        )

    def barrier(self) -> bool:
        """Make a snapshot and delete it. False where there is no such thing: a cluster, a key. Raises WriteFailed."""
        if not self._snapshots:
            return False
        answer = self._connection.ask("GET", "/snapshot/create", None, self._headers)
        name = ""
        if answer.status == 200:
            with contextlib.suppress(orjson.JSONDecodeError, AttributeError):
                name = str(orjson.loads(answer.body).get("snapshot") or "")
        if not name:
            log.info("no snapshots: a write counts as durable by its age")
            self._snapshots = False
            return False
        try:
            self._connection.ask("GET", f"/snapshot/delete?snapshot={name}", None, self._headers)
        except WriteFailed as error:
            log.warning("snapshot %s is left behind: %s", name, error)
        return True

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def _sum(page: bytes, name: bytes) -> int:
    found = re.findall(rb"^" + name + rb"\S* (\d+)", page, re.MULTILINE)
    return sum(map(int, found))
