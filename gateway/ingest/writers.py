"""Which writer a config asks for."""

from __future__ import annotations

from gateway.ingest.kinds import KINDS
from gateway.ingest.writer import Writer
from gateway.site import Database


def writer_of(database: Database) -> Writer:
    """A writer for it. Raises ValueError, OSError where its secret is not there."""
    if database.writer == "direct" or not KINDS[database.kind].v2:
        from gateway.ingest.direct import DirectWriter  # noqa: PLC0415 # only the one that is used

        return DirectWriter(database)
    from gateway.ingest.influx import InfluxWriter  # noqa: PLC0415

    return InfluxWriter(database)
