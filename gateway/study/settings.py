"""What a person gives for a chart: told apart into what phase I need not estimate and the rest, and checked. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from gateway.spc.track import Floats

SPELLED = {"weight": "lambda", "center": "mean"}  # as people write them
_POSITIVE = ("sigma", "L", "h", "weight", "shape")
_NOT_NEGATIVE = ("k", "headstart")


def given(cls: Any, width: int, settings: Mapping[str, Any]) -> tuple[dict[str, Floats], dict[str, Any]]:
    """(what phase I need not estimate, the other parameters) of a chart; None is not given. Raises ValueError."""
    shapes = dict(cls.learnt(width))
    fields = {field.name for field in dataclasses.fields(cls)}
    known: dict[str, Floats] = {}
    rest: dict[str, Any] = {}
    for name, value in settings.items():
        if value is None:
            continue
        spelled = SPELLED.get(name, name)
        if name not in fields:
            raise ValueError(f"{spelled} is not a setting of this chart")
        _check(name, spelled, value)
        if name in shapes:
            if shapes[name]:
                raise ValueError(f"{spelled} of this chart is no single number: it is always estimated")
            known[name] = np.asarray(float(value))
        else:
            rest[name] = value
    _check_start(cls, rest)
    return known, rest


def _check_start(cls: Any, rest: Mapping[str, Any]) -> None:
    """A sum that begins above its limit has signalled before there was a sample."""
    limit = rest.get("h", getattr(cls, "h", None))
    if "headstart" in rest and limit is not None and rest["headstart"] >= limit:
        raise ValueError(f"a head start of {rest['headstart']:g} is not below the limit {limit:g}")


def check(learnt: Mapping[str, Floats]) -> None:
    """Whether estimates are numbers. Raises ValueError."""
    for name, value in learnt.items():
        if not np.isfinite(value).all():
            raise ValueError(
                f"the samples are too far apart for this arithmetic: no {SPELLED.get(name, name)}"
            )


def _check(name: str, spelled: str, value: Any) -> None:
    if not isinstance(value, (int, float)):
        return
    if not np.isfinite(value):
        raise ValueError(f"{spelled} must be a number")
    if (name in _POSITIVE and value <= 0) or (name in _NOT_NEGATIVE and value < 0):
        raise ValueError(f"{spelled} must be {'above 0' if name in _POSITIVE else '0 or more'}")
    if name == "weight" and value > 1:
        raise ValueError("lambda must not be above 1")
