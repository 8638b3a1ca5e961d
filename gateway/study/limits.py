"""Limits out of a study, frozen: what a plan row's `limits` takes. Pure.

Whoever reads them can tell what they were made of: how many samples, a hash of these, what was left out and why, who
approved them and from when on they hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from gateway.spc.track import Floats
from gateway.study.exclusions import Exclusion
from gateway.study.study import Study

SPELLED = {"weight": "lambda"}  # what Python cannot call a parameter


def hash_of(samples: Floats) -> str:
    """A baseline's name: BLAKE2b over its float64 numbers, little-endian, 16 bytes as hex; the gateway's own form."""
    return hashlib.blake2b(np.ascontiguousarray(samples, dtype="<f8").tobytes(), digest_size=16).hexdigest()


def frozen(
    done: Study,
    *,
    version: int,
    begins: str,
    approved_by: str,
    source: str,
    exclusions: Sequence[Exclusion] = (),
) -> dict[str, Any]:
    """A row of `limits`. Raises ValueError where nothing was learnt, or nobody could be asked who approved it."""
    if not done.learnt:
        raise ValueError(f"{done.chart} learns nothing in phase I: there is nothing to freeze")
    if not approved_by.strip():
        raise ValueError("say who approves the limits")
    row: dict[str, Any] = {
        "version": version,
        "from": begins,
        "approved_by": approved_by,
        "params": {
            SPELLED.get(name, name): np.asarray(value).tolist() for name, value in done.learnt.items()
        },
        "samples": len(done.baseline),
        "baseline": hash_of(done.baseline),
        "from_file": source,
    }
    if exclusions:
        row["excluded"] = [{"rows": each.rows, "reason": each.reason} for each in exclusions]
    return row
