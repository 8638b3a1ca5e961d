"""Readings out of InfluxDB 1.x, by InfluxQL: `/query`, answers in chunks of JSON, times as nanoseconds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.ingest.audit_database import FIELDS, DatabaseDown, Points
from gateway.ingest.audit_sources import tag_of
from gateway.ingest.direct import authorization
from gateway.ingest.kept import Connection
from gateway.ingest.kinds import KINDS
from gateway.ingest.writer import WriteFailed
from gateway.site import Database

TIMEOUT_S = 60


class Influx1Source:
    """InfluxDB 1.x, as the audit asks it."""

    def __init__(self, database: Database, connection: Connection | None = None) -> None:
        self._database, self._connection = database, connection or Connection(database.url, TIMEOUT_S)
        self._headers = authorization(database)
        self.kind = KINDS["influxdb1"]
        self.divisor = 1_000_000 if database.precision == "ms" else 1
        unit = "milliseconds" if database.precision == "ms" else "nanoseconds"
        self.precision = f"{unit}, exact values"

    def points(self, site: str, t0: int, t1: int) -> Points:
        """Readings of [t0, t1). Raises DatabaseDown."""
        points: Points = {}
        for series in self._series(site, t0, t1):
            tag = tag_of(series["tags"])
            columns = series["columns"]
            for row in series["values"]:
                for name, value in zip(columns[1:], row[1:], strict=True):
                    if value is not None:
                        points.setdefault((tag, name), []).append((row[0] // self.divisor, value))
        return points

    def _series(self, site: str, t0: int, t1: int) -> list[Any]:
        fields = ", ".join(FIELDS)
        escaped = site.replace("\\", "\\\\").replace("'", "\\'")
        query = (
            f"SELECT {fields} FROM {source_of(self._database)} "  # noqa: S608 # InfluxQL has no parameters for names
            f"WHERE site = '{escaped}' AND time >= {t0} AND time < {t1} GROUP BY area, line, cell, point"
        )
        asked = {"db": self._database.bucket.partition("/")[0], "epoch": "ns", "q": query}
        try:
            answer = self._connection.ask("GET", f"/query?{urlencode(asked)}", None, self._headers)
            if answer.status != 200:
                raise DatabaseDown(f"{self._database.url}: {answer.status} {answer.text[:300]}")
            said = orjson.loads(answer.body)
        except (WriteFailed, orjson.JSONDecodeError) as error:
            raise DatabaseDown(f"{self._database.url}: {error}") from error
        finally:
            self._connection.close()
        (result,) = said["results"]
        if "error" in result:
            raise DatabaseDown(f"{self._database.url}: {result['error']}")
        series: list[Any] = result.get("series", [])
        return series


def source_of(database: Database, measurement: str = "reading") -> str:
    """A measurement in its database and retention policy, quoted."""
    name, _, policy = database.bucket.partition("/")
    return ".".join(f'"{each}"' if each else "" for each in (name, policy, measurement))
