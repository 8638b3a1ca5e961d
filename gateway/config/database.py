"""The time-series database of a site, and what is wrong with how it is written."""

from __future__ import annotations

from gateway.config.databaserow import DatabaseRow
from gateway.config.draft import Draft
from gateway.site import Database


def build_database(row: DatabaseRow | None, draft: Draft) -> Database | None:
    """The database, its mistakes said at their lines."""
    if row is None:
        return None
    if row.kind == "influxdb1" and row.writer == "client":
        draft.say(
            ("database", "writer"),
            "influxdb-client does not know InfluxDB 1.x: write direct, or leave it out",
        )
    writer = row.writer or ("direct" if row.kind == "influxdb1" else "client")
    return Database(row.url, row.org, row.bucket, row.token_from or "", row.kind, row.precision, writer)
