"""The database: is it there, does it let us in, and does it keep as long as the site does? Asks; writes nothing."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import orjson

from gateway.doctor.found import Finding
from gateway.ingest.direct import authorization
from gateway.ingest.kept import Answer, Connection
from gateway.ingest.kinds import KINDS
from gateway.ingest.writer import WriteFailed
from gateway.site import Database

WAIT_S = 10.0
FOR_EVER = float("inf")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 31.0, "y": 365.0, "": 31.0}
"""Of VictoriaMetrics' -retentionPeriod: a number alone means months."""


class _Unsaid(Exception):
    """It did not say."""


def database(row: Database, retention_days: int) -> list[Finding]:
    """What is wrong with it."""
    facts = {"url": row.url, "bucket": row.bucket}
    try:
        headers = authorization(row)
    except (OSError, ValueError) as error:
        place = row.token_from.removeprefix("file:")
        return [Finding("LW408", {"what": f"the database {row.url}", "why": str(error), "place": place})]
    connection = Connection(row.url, WAIT_S)
    try:
        kept = _kept_days(row, connection, headers)
    except WriteFailed as error:
        return [Finding("LW501", {**facts, "why": str(error)})]
    except PermissionError as error:
        return [Finding("LW502", {**facts, "why": str(error)})]
    except LookupError:
        return [Finding("LW503", facts)]
    except _Unsaid as error:
        return [Finding("LW505", {**facts, "why": str(error)}, warning=True)]
    finally:
        connection.close()
    if kept < retention_days:
        return [Finding("LW504", {**facts, "kept": f"{kept:g}", "wanted": str(retention_days)}, warning=True)]
    return []


def _kept_days(row: Database, connection: Connection, headers: dict[str, str]) -> float:
    """Raises WriteFailed, PermissionError, LookupError, _Unsaid."""
    if KINDS[row.kind].counts:
        page = _good(connection.ask("GET", "/metrics", None, headers)).text
        return victoria_days(page)
    if KINDS[row.kind].v2:
        asked = urlencode({"org": row.org, "name": row.bucket})
        answer = connection.ask("GET", f"/api/v2/buckets?{asked}", None, headers)
        if answer.status == 404:
            raise LookupError
        return influx2_days(_good(answer).body, row.bucket)
    name, _, policy = row.bucket.partition("/")
    asked = urlencode({"q": f'SHOW RETENTION POLICIES ON "{name}"'})
    return influx1_days(_good(connection.ask("GET", f"/query?{asked}", None, headers)).body, policy)


def victoria_days(page: str) -> float:
    """Out of the page of metrics, which shows flags.

    >>> victoria_days('flag{name="retentionPeriod", value="1y", is_set="true"} 1')
    365.0
    """
    found = re.search(r'^flag\{name="retentionPeriod", ?value="([0-9.]+)([hdwmy]?)"', page, re.MULTILINE)
    if found is None:
        raise _Unsaid("its page of metrics has no retentionPeriod")
    return float(found[1]) * _DAYS[found[2]]


def influx2_days(body: bytes, bucket: str) -> float:
    """Out of the list of buckets. Raises LookupError."""
    try:
        buckets = orjson.loads(body)["buckets"]
        rules = next(each for each in buckets if each["name"] == bucket)["retentionRules"]
        seconds = min((rule["everySeconds"] for rule in rules if rule["everySeconds"]), default=0)
    except StopIteration:
        raise LookupError(bucket) from None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise _Unsaid(f"its list of buckets is another than we know: {error}") from None
    return seconds / 86_400 if seconds else FOR_EVER


def influx1_days(body: bytes, policy: str) -> float:
    """Out of the list of retention policies: of that one, or of the default. Raises LookupError."""
    try:
        (result,) = orjson.loads(body)["results"]
        if "error" in result:
            raise LookupError(result["error"])
        (series,) = result["series"]
        rows = [dict(zip(series["columns"], values, strict=True)) for values in series["values"]]
        row = next(each for each in rows if (each["name"] == policy if policy else each["default"]))
        hours = re.fullmatch(r"(\d+)h(\d+)m(\d+)s", row["duration"])
    except StopIteration:
        raise LookupError(policy) from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise _Unsaid(f"its list of retention policies is another than we know: {error}") from None
    if hours is None:
        if row["duration"] == "0s":
            return FOR_EVER
        raise _Unsaid(f"it says {row['duration']}")
    return int(hours[1]) / 24 or FOR_EVER


def _good(answer: Answer) -> Answer:
    if answer.status in {401, 403}:
        raise PermissionError(f"{answer.status} {answer.reason}")
    if not 200 <= answer.status < 300:
        raise _Unsaid(f"{answer.status} {answer.reason}")
    return answer
