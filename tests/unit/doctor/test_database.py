"""How long a database keeps, as each kind says it; answers as their documents print them."""

from __future__ import annotations

import math

import orjson
import pytest

from gateway.doctor.database import _Unsaid, influx1_days, influx2_days, victoria_days


# docs.victoriametrics.com, "List of command-line flags": -retentionPeriod, months by default; h, d, w, y.
@pytest.mark.parametrize(
    ("value", "days"), [("1", 31), ("13", 403), ("12h", 0.5), ("400d", 400), ("2w", 14), ("1.5y", 547.5)]
)
def test_victoria(value, days):
    other = 'flag{name="memory", value="1", is_set="false"} 1'
    page = f'{other}\nflag{{name="retentionPeriod", value="{value}", is_set="true"}} 1\n'
    assert victoria_days(page) == days


def test_victoria_that_does_not_say():
    with pytest.raises(_Unsaid):
        victoria_days("vm_rows 1\n")


# docs.influxdata.com, InfluxDB v2 API, "List buckets": retentionRules with everySeconds, 0 or none for ever.
def test_influx2():
    def answer(rules):
        return orjson.dumps({"buckets": [{"name": "b", "retentionRules": rules}]})

    assert influx2_days(answer([{"type": "expire", "everySeconds": 2_592_000}]), "b") == 30
    assert influx2_days(answer([]), "b") == math.inf
    assert influx2_days(answer([{"type": "expire", "everySeconds": 0}]), "b") == math.inf
    with pytest.raises(LookupError):
        influx2_days(answer([]), "c")
    with pytest.raises(_Unsaid):
        influx2_days(b"<html>", "b")


# docs.influxdata.com, InfluxDB 1.6, "SHOW RETENTION POLICIES".
def test_influx1():
    columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"]
    rows = [["autogen", "0s", "168h0m0s", 1, True], ["month", "720h0m0s", "24h0m0s", 1, False]]
    body = orjson.dumps({"results": [{"series": [{"columns": columns, "values": rows}]}]})
    assert influx1_days(body, "") == math.inf
    assert influx1_days(body, "month") == 30
    with pytest.raises(LookupError):
        influx1_days(body, "year")
    with pytest.raises(LookupError):
        influx1_days(b'{"results":[{"error":"database not found: x"}]}', "")
