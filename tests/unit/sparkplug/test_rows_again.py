"""One group's rows used again and again: what a message leaves in the template never shows in the next one."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.sparkplug.encode import encode
from gateway.sparkplug.groups import typed
from gateway.sparkplug.quality import quality_properties
from gateway.sparkplug.rows import Rows, mark
from gateway.sparkplug.types import SPAN, BadPayload, DataType, Metric, Payload

KINDS = [*range(1, 12), 13] * 3
ALIASES = [3**place for place in range(len(KINDS))]  # of one to nine bytes
T0 = 1_700_000_000_000


def drawn(rng: np.random.Generator, kind: int) -> float:
    if rng.random() < 0.2:
        return float("nan")
    if kind in SPAN:
        low, beyond = SPAN[kind]
        span = min(2 ** int(rng.integers(1, 53)), beyond)
        return float(rng.integers(max(low, -span), span))
    if kind == DataType.BOOLEAN:
        return float(rng.integers(0, 2))
    value = rng.normal(0, 1e3)
    return float(np.float32(value)) if kind == DataType.FLOAT else float(value)


@pytest.mark.long
@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_bytes_message_after_message(seed, marked):
    rng = np.random.default_rng(seed)
    rows = Rows(ALIASES, KINDS)
    for number in range(60):
        values = np.array([drawn(rng, kind) for kind in KINDS])
        time = int(T0 + rng.integers(0, 1 << 40) * (number % 3))
        historical = bool(rng.integers(0, 2))
        properties = [quality_properties(int(rng.choice([0, 0x81]))) if marked else {} for _ in KINDS]
        metrics = tuple(
            Metric(
                typed(value, kind),
                alias=alias,
                timestamp=time,
                historical=historical,
                properties=said,
                kind=kind,
            )
            for value, kind, alias, said in zip(values.tolist(), KINDS, ALIASES, properties, strict=True)
        )
        marks = [mark(said) for said in properties] if marked else None
        made = rows.encode(values, time, number, historical=historical, marks=marks)
        assert made == encode(Payload(metrics, timestamp=time, seq=number))


def test_a_number_that_does_not_fit_leaves_no_trace():
    rows = Rows([1, 2], [DataType.UINT8, DataType.FLOAT])
    good = rows.encode(np.array([7.0, 1.5]), T0, 1)
    for wrong in (256.0, -1.0, 0.5, 1e300):
        with pytest.raises(BadPayload, match="metric 0"):
            rows.encode(np.array([wrong, 2.5]), T0, 1)
    assert rows.encode(np.array([7.0, 1.5]), T0, 1) == good


def test_no_metrics_are_no_bytes():
    assert Rows([], []).body(np.array([]), T0) == b""
