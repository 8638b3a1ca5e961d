"""biip on the codes that come as JSON on stdin, for `decode`: run by a Python that has biip; prints one JSON object.

For each carrier the median nanoseconds of one code, and how many it did not read.
"""

from __future__ import annotations

import importlib.metadata
import json
import statistics
import sys
import time

import biip  # type: ignore[import-not-found]

found: dict[str, object] = {"biip": importlib.metadata.version("biip")}
for name, codes in json.load(sys.stdin).items():
    times, refused = [], 0
    for code in codes:
        begin = time.perf_counter_ns()
        try:
            biip.parse(code)
        except biip.ParseError:
            refused += 1
        times.append(time.perf_counter_ns() - begin)
    found[name] = {"ns": statistics.median(times), "refused": refused}
print(json.dumps(found))
