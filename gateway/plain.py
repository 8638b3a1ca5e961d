"""Frozen dataclasses to plain JSON and back, by their annotations. One codec for events, sites and snapshots.

Arrays become ``{"dtype", "shape", "b64"}``; nan and infinities in floats become the strings "nan", "inf", "-inf" so
that any JSON reader takes them; mappings keep string keys; a union of dataclasses carries the class name under
``"is"``.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import math
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Scalar = str | int | float | bool | None
Plain = _Scalar | list["Plain"] | dict[str, "Plain"] | Mapping[str, "Plain"]
"""What JSON can say; bodies of entries, settings and notes are of it."""


def to_plain(value: Any) -> Any:
    """Plain form of a value made of frozen dataclasses, tuples, mappings, arrays and scalars."""
    kind: Any = type(value)
    if kind in _AS_IT_IS:  # the common kinds first: every event that is written comes this way
        return value
    if kind is float:
        return value if math.isfinite(value) else str(value)
    if kind is dict:
        return {str(key): to_plain(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [to_plain(item) for item in value]
    names = _names_of(kind)
    if names is not None:
        return {"is": kind.__name__, **{name: to_plain(getattr(value, name)) for name in names}}
    return _other_plain(value)


_AS_IT_IS = frozenset({str, int, bool, type(None)})


@cache
def _names_of(kind: Any) -> tuple[str, ...] | None:
    """Fields of a dataclass that its constructor takes; None for what is none."""
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple(field.name for field in dataclasses.fields(kind) if field.init)


def _other_plain(value: object) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [to_plain(item) for item in items]
    if type(value).__module__.partition(".")[0] == _NUMPY:
        return _numpy_plain(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


_NUMPY = "numpy"  # whoever has values of its kinds has loaded it: who reads a config has none


def _numpy_plain(value: Any) -> Any:
    import numpy as np  # noqa: PLC0415 # see _NUMPY

    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {"dtype": value.dtype.str, "shape": list(value.shape), "b64": data}
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(kind: type[T] | Any, plain: Any) -> T:
    """A value of `kind` from its plain form. Raises ValueError saying where it does not fit."""
    try:
        made: T = _build(kind, plain)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a plain {getattr(kind, '__name__', kind)}: {error}") from error
    return made


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind) if field.init]
    return {name: hints[name] for name in names}


def _build(kind: Any, plain: Any) -> Any:  # noqa: PLR0911 # one branch a shape, read top down
    if kind is Any or isinstance(kind, (str, TypeVar)):
        return plain
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(args, plain)
    if origin is tuple:
        if hasattr(kind, "_fields"):
            return kind(*_items(plain))
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_build(args[0], item) for item in _items(plain))
        return tuple(_build(arg, item) for arg, item in zip(args, _items(plain), strict=True))
    if origin is list:
        return [_build(args[0], item) for item in _items(plain)]
    if origin is frozenset:
        return frozenset(_build(args[0], item) for item in _items(plain))
    if origin is not None and issubclass(origin, Mapping):
        as_key = int if args[0] is int else str
        return {as_key(key): _build(args[1], item) for key, item in plain.items()}
    if getattr(origin or kind, "__name__", "") == "ndarray":
        return _array(plain)
    if isinstance(kind, type):
        return _build_class(kind, plain)
    return plain


def _array(plain: Any) -> Any:
    import numpy as np  # noqa: PLC0415 # see _NUMPY

    data = np.frombuffer(base64.b64decode(plain["b64"]), dtype=np.dtype(plain["dtype"]))
    return data.reshape(plain["shape"]).copy()


def _items(plain: Any) -> list[Any] | tuple[Any, ...]:
    """A text, too, has items: it is none of theirs."""
    if not isinstance(plain, (list, tuple)):
        raise TypeError(f"a list is wanted, not {type(plain).__name__}")
    return plain


def _build_class(kind: type, plain: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        extra = set(plain) - set(_hints(kind)) - {"is"}
        if extra:
            raise ValueError(f"{kind.__name__} has no {min(extra)}")
        return kind(
            **{name: _build(hint, plain[name]) for name, hint in _hints(kind).items() if name in plain}
        )
    if issubclass(kind, Enum):
        return kind(plain)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return kind(
            *(_build(hints[name], item) for name, item in zip(kind._fields, _items(plain), strict=True))
        )
    if kind is float:
        return float(plain)
    if kind is bytes:
        return base64.b64decode(plain["b64"])
    return plain


def _one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    if plain is None and type(None) in kinds:
        return None
    classes: list[Any] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    if classes and isinstance(plain, dict) and "is" in plain:
        for kind in classes:
            if kind.__name__ == plain["is"]:
                return _build(kind, plain)
        raise ValueError(f"{plain['is']} is not one of {', '.join(kind.__name__ for kind in classes)}")
    rest = [kind for kind in kinds if kind is not type(None)]
    return _build(rest[0], plain) if len(rest) == 1 else plain


def digest(plain: Any) -> str:
    """Fingerprint of a plain value; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
