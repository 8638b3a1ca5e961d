r"""Numbers as OpenMetrics text. Pure.

Source: OpenMetrics 1.0 (github.com/prometheus/OpenMetrics, specification/OpenMetrics.md): families do not mix, a
counter's samples end in ``_total``, a unit is the end of the family's name, histograms count up to each edge, ``# EOF``
is last.

>>> print(text([Family("x_seconds", "gauge", "How long.", [Sample(0.5, {"bus": 'a"b'})], "seconds")]).decode(), end="")
# TYPE x_seconds gauge
# UNIT x_seconds seconds
# HELP x_seconds How long.
x_seconds{bus="a\"b"} 0.5
# EOF
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, with its labels and what follows the family's name."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers of one name."""

    name: str
    kind: str  # "gauge", "counter", "histogram", "info"
    help: str
    samples: Sequence[Sample]
    unit: str = ""


def counted(value: float, **labels: str) -> Sample:
    """Of a counter."""
    return Sample(value, labels, "_total")


def buckets(
    edges: Sequence[float], counts: Sequence[int], total: float, labels: Mapping[str, str]
) -> list[Sample]:
    """Of a histogram: `counts` has one more than `edges`, for what is above them all; `total` is the sum of values."""
    samples, below = [], 0
    for edge, count in zip((*edges, math.inf), counts, strict=True):
        below += count
        samples.append(Sample(below, {**labels, "le": _number(edge)}, "_bucket"))
    return [*samples, Sample(below, labels, "_count"), Sample(total, labels, "_sum")]


def text(families: Iterable[Family]) -> bytes:
    """The whole page."""
    out = []
    for each in families:
        out.append(f"# TYPE {each.name} {each.kind}")
        if each.unit:
            out.append(f"# UNIT {each.name} {each.unit}")
        out.append(f"# HELP {each.name} {_escaped(each.help)}")
        for sample in each.samples:
            labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
            shown = f"{{{labels}}}" if labels else ""
            out.append(f"{each.name}{sample.suffix}{shown} {_number(sample.value)}")
    return "\n".join([*out, "# EOF", ""]).encode()


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return f"{value:.1f}" if float(value).is_integer() and abs(value) < 1e15 else repr(value)
