"""Checks for what came from outside: each returns the value in its type, or says what is wrong and where."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

INT64 = 2**63 - 1  # what a journal's integer column holds


class NotOurs(ValueError):
    """The payload is not what the protocol says. Asking again will not help: put it aside and go on."""


def whole(value: object, what: str, low: int = 0, high: int = INT64) -> int:
    """An integer in [low, high]; JSON's true is none."""
    if type(value) is not int or not low <= value <= high:
        raise NotOurs(f"{what} is not an integer from {low} to {high}")
    return value


def wholes(value: object, what: str, rows: int, low: int = 0, high: int = INT64) -> list[int]:
    """One integer per row: a list, or one integer that stands for all."""
    if type(value) is int:
        return [whole(value, what, low, high)] * rows
    if not isinstance(value, list) or len(value) != rows:
        raise NotOurs(f"{what} is neither an integer nor a list of {rows}")
    return [whole(item, what, low, high) for item in value]


def text(value: object, what: str, limit: int = 4096) -> str:
    """A string that SQLite and a file name can take: no lone surrogates, not longer than `limit`."""
    if not isinstance(value, str) or len(value) > limit or "\0" in value:
        raise NotOurs(f"{what} is not a text of at most {limit} characters")
    return value


def member(payload: Mapping[str, Any], name: str) -> Any:
    """A member that must be there."""
    try:
        return payload[name]
    except KeyError:
        raise NotOurs(f"no {name}") from None


def conforms(value: object, where: str) -> None:
    """Raise NotOurs unless every field of a record made by `gateway.plain` holds what its annotation says."""
    for name, hint in _hints(cast(Any, type(value))).items():
        held = getattr(value, name)
        if not _fits(held, hint):
            raise NotOurs(f"{where}.{name} does not fit")
        if dataclasses.is_dataclass(held):
            conforms(held, f"{where}.{name}")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _fits(value: object, hint: Any) -> bool:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, arg) for arg in args)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, args[0]) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, Mapping)  # JSON as it came: `Plain` by how it was read
    if hint is float:
        return type(value) in (int, float)
    if hint is int:
        return type(value) is int and -INT64 <= value <= INT64
    if hint is type(None):
        return value is None
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return isinstance(value, hint)
    return isinstance(value, hint) if isinstance(hint, type) else True
