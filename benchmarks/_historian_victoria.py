"""VictoriaMetrics, given the data of benchmarks/historian.py and asked the same questions."""

from __future__ import annotations

import time
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import orjson

from benchmarks._historian_plant import FIELDS, MS, Plant
from tests.system import servers

_ROWS_A_LINE = 10_000
_FUNCTIONS = '"min_over_time","max_over_time","avg_over_time","count_over_time"'


class Victoria:
    """A server of its own. Times are in whole ms, as its storage has them."""

    def __init__(self, program: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._server = servers.victoria(program, folder)
        self._server.start()
        self._base = f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        self._server.stop()

    def fill(self, plant: Plant) -> float:
        """Everything, over its JSON line API and to a snapshot; seconds of the server's part of it."""
        spent = 0.0
        for stream in plant.streams:
            times = stream.time_ns // MS
            for place, (name, _) in enumerate(FIELDS):
                metric = {"__name__": name, "device": stream.group.device}
                lines = []
                for start in range(0, plant.rows, _ROWS_A_LINE):
                    part = slice(start, start + _ROWS_A_LINE)
                    values = np.ascontiguousarray(stream.values[part, place])
                    if (
                        stream.group.points[place].field.type == "float32"
                    ):  # as short as they are, not 23.450000762
                        values = np.round(values, 2)
                    line = {"metric": metric, "values": values, "timestamps": times[part]}
                    lines.append(orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY))
                body = b"\n".join(lines)
                began = time.perf_counter()
                self._ask("/api/v1/import", body)
                spent += time.perf_counter() - began
        began = time.perf_counter()
        self._ask("/snapshot/create")
        return spent + time.perf_counter() - began

    def settle(self) -> None:
        """Let it merge its parts, as it does by itself in time."""
        self._ask("/internal/force_merge")
        last, deadline = -1, time.monotonic() + 60
        while last != (last := self.size()) and time.monotonic() < deadline:
            time.sleep(2)

    def size(self) -> int:
        """Bytes of a new snapshot: samples and index."""
        name = orjson.loads(self._ask("/snapshot/create"))["snapshot"]
        data = self._folder / "data"
        places = [data / "data" / part / "snapshots" / name for part in ("small", "big", "indexdb")]
        places.append(data / "indexdb" / "snapshots" / name)
        total: int = sum(
            file.stat().st_size for place in places for file in place.resolve().rglob("*") if file.is_file()
        )
        self._ask(f"/snapshot/delete?snapshot={name}")
        return total

    def buckets(self, device: str, name: str, t0: int, t1: int, buckets: int) -> int:
        """Minimum, maximum, mean and count of one series in equal buckets; how many values they count."""
        step_ms = (t1 - t0) // MS // buckets
        query = f'aggr_over_time(({_FUNCTIONS}),{name}{{device="{device}"}}[{step_ms}ms])'
        start = (t0 // MS + step_ms - 1) / 1e3
        asked = {
            "query": query,
            "start": start,
            "end": t1 / 1e9 - 0.001,
            "step": f"{step_ms}ms",
            "nocache": 1,
        }
        answer = orjson.loads(self._ask("/api/v1/query_range", urllib.parse.urlencode(asked).encode()))
        for series in answer["data"]["result"]:
            if series["metric"].get("rollup") == "count_over_time":
                return sum(int(value) for _, value in series["values"])
        return 0

    def window(self, t0: int, t1: int) -> int:
        """Every value of every series, as JSON lines, read whole and not parsed; how many bytes."""
        asked = {"match[]": '{device!=""}', "start": t0 / 1e9, "end": t1 / 1e9 - 0.001}
        return len(self._ask("/api/v1/export?" + urllib.parse.urlencode(asked)))

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        headers = (
            {"Content-Type": "application/x-www-form-urlencoded"} if b"query=" in (body or b"")[:9] else {}
        )
        with urllib.request.urlopen(
            urllib.request.Request(self._base + path, body, headers), timeout=120
        ) as answer:
            return bytes(answer.read())
