"""A database as `sink-probe` asks it: write lines, read them back exactly as it gives them, clean up."""

from __future__ import annotations

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.ingest.direct import DirectWriter, authorization
from gateway.ingest.influxql import source_of
from gateway.ingest.kept import Answer, Connection
from gateway.ingest.kinds import KINDS
from gateway.ingest.writer import WriteFailed, refusal
from gateway.site import Database

TIMEOUT_S = 30

Row = tuple[str, str, int, Any]
"""The tag `lot`, the field, time in nanoseconds, the value."""


class ProbeStore(ABC):
    """One of each kind. Everything raises WriteFailed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = Connection(database.url, TIMEOUT_S)
        self._headers = authorization(database)
        self.writer = DirectWriter(database)

    def write(self, lines: list[str]) -> None:
        """With times in nanoseconds."""
        self.writer.write("\n".join(lines), "ns")

    def recognised(self) -> tuple[str, str]:
        """Its kind and its version, empty where it does not say."""
        told = self._connection.ask("GET", "/ping", None, self._headers)
        version = told.version.removeprefix("v")
        if version and version[0].isdigit():
            return ("influxdb1" if version.startswith("1.") else "influxdb"), version
        page = self._connection.ask("GET", "/metrics", None, self._headers).text
        found = re.search(r'^vm_app_version\{.*short_version="([^"]*)"', page, re.MULTILINE)
        return ("victoriametrics", found[1]) if found else ("", version)

    @abstractmethod
    def rows(self, measurement: str, t0: int, t1: int) -> list[Row]:
        """What it has of a measurement in [t0, t1)."""

    @abstractmethod
    def forget(self, measurement: str, t0: int, t1: int) -> None:
        """Delete it."""

    def close(self) -> None:
        """Let go of connections."""
        self._connection.close()
        self.writer.close()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """A good answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._connection.ask(method, path, body, {**self._headers, **named})
        if not 200 <= answer.status < 300:
            raise refusal(answer.status, answer.reason, answer.text)
        return answer


class VictoriaStore(ProbeStore):
    """VictoriaMetrics: a field is a metric ``measurement_field``."""

    def rows(self, measurement: str, t0: int, t1: int) -> list[Row]:
        self._connection.ask(
            "GET", "/internal/force_flush", None, self._headers
        )  # where it may: seen at once
        query = {
            "match[]": f'{{__name__=~"{measurement}_.*"}}',
            "start": f"{t0 // 10**9}",
            "end": f"{t1 // 10**9 + 1}",
        }
        out: list[Row] = []
        for line in self.ask("GET", f"/api/v1/export?{urlencode(query)}").body.splitlines():
            row = orjson.loads(line)
            metric = row["metric"]
            field = metric["__name__"].removeprefix(f"{measurement}_")
            for time, value in zip(row["timestamps"], row["values"], strict=True):
                out.append((metric.get("lot", ""), field, time * 10**6, value))
        return out

    def forget(self, measurement: str, t0: int, t1: int) -> None:
        del t0, t1  # by name
        query = urlencode({"match[]": f'{{__name__=~"{measurement}_.*"}}'})
        self.ask("POST", f"/api/v1/admin/tsdb/delete_series?{query}")


class Influx1Store(ProbeStore):
    """InfluxDB 1.x, by InfluxQL."""

    def rows(self, measurement: str, t0: int, t1: int) -> list[Row]:
        named = source_of(self._database, measurement)
        query = f"SELECT * FROM {named} WHERE time >= {t0} AND time < {t1} GROUP BY lot"  # noqa: S608 # our own words
        (result,) = self.query("GET", query)
        out: list[Row] = []
        for series in result.get("series", []):
            lot, names = series["tags"]["lot"], series["columns"][1:]
            for time, *values in series["values"]:
                out += [
                    (lot, name, time, value)
                    for name, value in zip(names, values, strict=True)
                    if value is not None
                ]
        return out

    def forget(self, measurement: str, t0: int, t1: int) -> None:
        del t0, t1  # by name
        self.query("POST", f'DROP MEASUREMENT "{measurement}"')

    def query(self, method: str, query: str) -> list[Any]:
        """Results of InfluxQL."""
        asked = {"db": self._database.bucket.partition("/")[0], "epoch": "ns", "q": query}
        results: list[Any] = orjson.loads(self.ask(method, f"/query?{urlencode(asked)}").body)["results"]
        for each in results:
            if "error" in each:
                raise WriteFailed(f"{query}: {each['error']}")
        return results


class Influx2Store(ProbeStore):
    """InfluxDB v2, by Flux, whose answers are annotated CSV."""

    def rows(self, measurement: str, t0: int, t1: int) -> list[Row]:
        bucket = orjson.dumps(self._database.bucket).decode()
        flux = (
            f"from(bucket: {bucket}) |> range(start: time(v: {t0}), stop: time(v: {t1}))"
            f' |> filter(fn: (r) => r._measurement == "{measurement}")'
            " |> map(fn: (r) => ({lot: r.lot, field: r._field, ns: int(v: r._time), value: r._value}))"
        )
        dialect = {"annotations": ["datatype"], "header": True}
        body = orjson.dumps({"query": flux, "type": "flux", "dialect": dialect})
        org = urlencode({"org": self._database.org})
        answer = self.ask("POST", f"/api/v2/query?{org}", body, Content_Type="application/json")
        return list(_annotated(answer.text))

    def forget(self, measurement: str, t0: int, t1: int) -> None:
        asked = urlencode({"org": self._database.org, "bucket": self._database.bucket})
        body = {"start": _rfc(t0), "stop": _rfc(t1), "predicate": f'_measurement="{measurement}"'}
        self.ask("POST", f"/api/v2/delete?{asked}", orjson.dumps(body), Content_Type="application/json")


def _annotated(text: str) -> Iterator[Row]:
    """Rows of annotated CSV: tables, each with its types and names, parted by empty lines."""
    types: list[str] = []
    names: list[str] = []
    for cells in csv.reader(text.splitlines()):
        if not cells:
            names = []
        elif cells[0] == "#datatype":
            types, names = cells, []
        elif not names:
            names = cells
        else:
            row = dict(zip(names, cells, strict=False))
            kind = dict(zip(names, types, strict=False)).get("value", "string")
            value: Any = row["value"]
            if kind in {"long", "unsignedLong"}:
                value = int(value)
            elif kind == "double":
                value = float(value)
            yield row.get("lot", ""), row["field"], int(row["ns"]), value


def _rfc(time_ns: int) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 # only to clean up

    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def probe_store(database: Database) -> ProbeStore:
    """How a database of this kind is asked. Raises ValueError, OSError where its secret is not there."""
    if database.kind == "victoriametrics":
        return VictoriaStore(database)
    return Influx2Store(database) if KINDS[database.kind].v2 else Influx1Store(database)
