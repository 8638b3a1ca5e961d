"""Databases as they are asked by the audit: VictoriaMetrics by its export, InfluxDB v2 by Flux."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from gateway.ingest.audit_database import FIELDS, DatabaseDown, Number, Points, PointSource
from gateway.ingest.kinds import KINDS
from gateway.site import Database
from gateway.trust.secret import read_secret

TIMEOUT_S = 60
_PLACE = ("area", "line", "cell", "point")


def point_source(database: Database) -> PointSource:
    """How this database is asked."""
    if database.kind == "influxdb1":
        from gateway.ingest.influxql import Influx1Source  # noqa: PLC0415 # only the one that is used

        return Influx1Source(database)
    return VictoriaSource(database) if database.kind == "victoriametrics" else InfluxSource(database)


def tag_of(labels: Mapping[str, Any]) -> str:
    """The tag that a point's labels were made of."""
    return "/".join(str(labels[name]) for name in _PLACE if labels.get(name))


class VictoriaSource:
    """VictoriaMetrics: ``/api/v1/export`` gives every sample that a query would see."""

    def __init__(self, database: Database) -> None:
        self._url = database.url.rstrip("/")
        self._token = read_secret(database.token_from)
        self.kind = KINDS["victoriametrics"]
        self.divisor = 1_000_000
        self.precision = f"milliseconds, {self.kind.digits} digits, no texts"

    def points(self, site: str, t0: int, t1: int) -> Points:
        """Readings of [t0, t1). Raises DatabaseDown."""
        names = "|".join(f"reading_{name}" for name in FIELDS)
        escaped = site.replace("\\", "\\\\").replace('"', '\\"')
        query = {
            "match[]": f'{{__name__=~"{names}",site="{escaped}"}}',
            "start": _millis(t0),
            "end": _millis(t1 - 1),
        }
        points: Points = {}
        for row in self._export(urllib.parse.urlencode(query)):
            metric = row["metric"]
            field = str(metric["__name__"]).removeprefix("reading_")
            samples = zip(row["timestamps"], row["values"], strict=True)
            points.setdefault((tag_of(metric), field), []).extend(samples)
        return points

    def _export(self, query: str) -> Iterable[Any]:
        request = urllib.request.Request(f"{self._url}/api/v1/export?{query}")  # noqa: S310 # an http URL by config
        if self._token:
            request.add_header("Authorization", f"Token {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                yield from map(orjson.loads, answer)
        except (OSError, urllib.error.URLError, orjson.JSONDecodeError) as error:
            raise DatabaseDown(f"{self._url}: {error}") from error


def _millis(time_ns: int) -> str:
    """Unix seconds with three decimals, exact."""
    millis = time_ns // 1_000_000
    return f"{millis // 1000}.{millis % 1000:03d}"


class FluxRows(Protocol):
    """The query part of influxdb-client."""

    def query_stream(self, query: str, org: str) -> Iterable[Any]: ...


class InfluxSource:
    """InfluxDB v2 through influxdb-client; times come with nanoseconds in their text."""

    def __init__(self, database: Database, rows: FluxRows | None = None) -> None:
        self._database = database
        self._rows = rows or self._connected(database)
        self.kind = KINDS["influxdb"]
        self.divisor = 1_000_000 if database.precision == "ms" else 1
        self.precision = (
            "milliseconds, exact values" if database.precision == "ms" else "nanoseconds, exact values"
        )

    def _connected(self, database: Database) -> FluxRows:
        from influxdb_client.client.influxdb_client import InfluxDBClient  # noqa: PLC0415 # heavy

        client = InfluxDBClient(
            database.url,
            token=read_secret(database.token_from) or "none",
            org=database.org,
            timeout=TIMEOUT_S * 1000,
        )
        rows: FluxRows = client.query_api()
        return rows

    def points(self, site: str, t0: int, t1: int) -> Points:
        """Readings of [t0, t1). Raises DatabaseDown."""
        points: Points = {}
        try:
            for record in self._rows.query_stream(self.flux(site, t0, t1), self._database.org):
                row = record.values
                value: Number = row["_value"]
                points.setdefault((tag_of(row), str(row["_field"])), []).append(
                    (int(row["time"]) // self.divisor, value)
                )
        except Exception as error:  # influxdb-client and urllib3 raise what they like
            raise DatabaseDown(f"{self._database.url}: {error}") from error
        return points

    def flux(self, site: str, t0: int, t1: int) -> str:
        """The query; the time goes as an integer too, since influxdb-client's datetimes end at microseconds."""
        bucket, name = orjson.dumps(self._database.bucket).decode(), orjson.dumps(site).decode()
        return (
            f"from(bucket: {bucket}) |> range(start: {_instant(t0)}, stop: {_instant(t1)})"
            f' |> filter(fn: (r) => r._measurement == "reading" and r.site == {name})'
            " |> map(fn: (r) => ({r with time: int(v: r._time)}))"
        )


def _instant(time_ns: int) -> str:
    """RFC 3339 with nanoseconds."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
