"""The kinds of values that files of config and plans hold: each says what it takes, in words and as JSON Schema.

A kind is `Annotated` onto a model's field; what it refuses becomes one problem that says what would be right.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

_NS = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?(ms|s|min|h|d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
_NAME_RE = re.compile(_NAME)
_CELL_HERE = re.compile(f"{_NAME}(/{_NAME}/{_NAME})?")
_SECRET = re.compile(r"(file:[^\x00]+|credential:[^\x00/]+)")
_LONGEST_SHOWN = 40
_LANGUAGES = ("en", "zh")
_ALIKE = 0.6  # of difflib: a word that is less alike is not meant


@dataclass(frozen=True, eq=False)
class Kind:
    """What a field takes: a check that returns the value or raises `wrong`, and its JSON Schema."""

    check: Callable[[Any], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        del core, handler
        return dict(self.schema)


def wrong(text: str) -> PydanticCustomError:
    """The error of a field whose value cannot be taken, in our own words."""
    return PydanticCustomError("lotwatch", "{text}", {"text": text})


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, (bool, str)):
        text = json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())
    elif isinstance(value, int) and abs(value) >= 10**24:
        return "a number far too large"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def nearest(word: object, words: Iterable[str]) -> str:
    """``; did you mean "..."?``, or all the words where they are few, or nothing."""
    known = list(dict.fromkeys(words))
    folded = {each.casefold(): each for each in reversed(known)}
    found = _closest(str(word)[:100].casefold(), folded)
    if found:
        return f'; did you mean "{folded[found]}"?'
    if 0 < len(known) <= 8:
        return "; known: " + ", ".join(known)
    return ""


def _closest(word: str, words: Iterable[str]) -> str:
    """What `difflib.get_close_matches` gives for n=1, or "".

    Tags begin alike, so that its bounds refuse none and it compares each: a file whose tags are all unknown took 0.1 s.
    Here the best bound goes first, and what cannot be better than the best so far is not compared.
    """
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(word)
    bounds = []
    for each in words:
        matcher.set_seq1(each)
        if matcher.real_quick_ratio() >= _ALIKE:
            bounds.append((matcher.quick_ratio(), each))
    best = (_ALIKE, "")
    for bound, each in sorted(bounds, reverse=True):
        if bound < best[0]:
            break
        matcher.set_seq1(each)
        best = max(best, (matcher.ratio(), each))
    return best[1]


def one_of(noun: str, words: Iterable[str]) -> Kind:
    """One of some words."""
    known = tuple(words)

    def check(value: Any) -> Any:
        if isinstance(value, str) and value in known:
            return value
        raise wrong(f"{shown(value)} is not {noun}{nearest(value, known)}")

    return Kind(check, {"type": "string", "enum": list(known)})


def whole(low: int, high: int, noun: str = "a whole number") -> Kind:
    """A whole number from low to high."""

    def check(value: Any) -> Any:
        if type(value) is not int:
            raise wrong(f"{shown(value)} is not {noun}")
        if not low <= value <= high:
            raise wrong(f"{shown(value)} is out of range: {low} to {high}")
        return value

    return Kind(check, {"type": "integer", "minimum": low, "maximum": high})


def number(*, above: float = -math.inf) -> Kind:
    """A finite number, greater than `above`."""

    def check(value: Any) -> Any:
        if type(value) not in {int, float}:
            raise wrong(f"{shown(value)} is not a number")
        if not -1e300 < value < 1e300:  # nan compares false too
            raise wrong(f"{shown(value)} is not a finite number")
        if value <= above:
            raise wrong(f"{shown(value)} must be greater than {above:g}")
        return float(value)

    bound = {} if above == -math.inf else {"exclusiveMinimum": above}
    return Kind(check, {"type": "number", **bound})


def between(low: float, high: float) -> Kind:
    """A number from low to high, both included."""

    def check(value: Any) -> Any:
        if type(value) not in {int, float}:
            raise wrong(f"{shown(value)} is not a number")
        if not low <= value <= high:
            raise wrong(f"{shown(value)} is out of range: {low:g} to {high:g}")
        return float(value)

    return Kind(check, {"type": "number", "minimum": low, "maximum": high})


def share() -> Kind:
    """A number above 0 and below 1."""

    def check(value: Any) -> Any:
        if type(value) not in {int, float} or not 0 < value < 1:
            raise wrong(f"{shown(value)} is not a number above 0 and below 1")
        return float(value)

    return Kind(check, {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1})


def _check_scale(value: Any) -> Any:
    if type(value) not in {int, float}:
        raise wrong(f"{shown(value)} is not a number")
    if not 1e-12 <= abs(value) <= 1e12:
        raise wrong(f"{shown(value)} is no scale: 1e-12 to 1e12, or negative")
    return repr(value)


def _check_bias(value: Any) -> Any:
    if type(value) not in {int, float}:
        raise wrong(f"{shown(value)} is not a number")
    if not abs(value) <= 1e15:
        raise wrong(f"{shown(value)} is out of range: -1e15 to 1e15")
    return repr(value)


def _check_duration(value: Any) -> Any:
    if type(value) in {int, float}:
        raise wrong(
            f"{shown(value)} has no unit: write {shown(value)}ms, {shown(value)}s, {shown(value)}min or {shown(value)}h"
        )
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise wrong(f"{shown(value)} is not a duration such as 100ms, 2s, 10min, 8h or 1d")
    nanoseconds = round(float(found[1]) * _NS[found[2]])
    if not 1_000_000 <= nanoseconds <= 366 * _NS["d"]:
        raise wrong(f"{shown(value)} is out of range: 1ms to 366d")
    return nanoseconds


def duration_ns(value: Any) -> int:
    """Nanoseconds of a duration as it is written, such as 100ms. Raises what a field of the kind says."""
    made: int = _check_duration(value)
    return made


def _check_name(value: Any) -> Any:
    if isinstance(value, str) and _NAME_RE.fullmatch(value):
        return value
    if not isinstance(value, str):
        raise wrong(
            f"{shown(value)} is not a name: write it in quotes"
            if type(value) is int
            else f"{shown(value)} is not a name"
        )
    slug = re.sub(r"[^a-z0-9_-]+", "_", value.casefold()).strip("_-")[:63]
    hint = f'; did you mean "{slug}"?' if slug else ""
    raise wrong(f"{shown(value)} is not a name: lower-case letters, digits, _ and -, at most 63{hint}")


def _check_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise wrong(
            f"{shown(value)} is not text"
            + (": write it in quotes" if type(value) in {int, float, bool} else "")
        )
    if not value.strip():
        raise wrong("is empty")
    if len(value) > 2000:
        raise wrong(f"{shown(value)} is longer than 2000 characters")
    return value


class Wording(NamedTuple):
    """What people read: in the plan's own language, or in English with Chinese beside it."""

    text: str
    zh: str = ""  # "": nobody wrote it, and Chinese pages show `text`


def _check_wording(value: Any) -> Any:
    if not isinstance(value, dict):
        return Wording(_check_text(value))
    odd = [key for key in value if key not in _LANGUAGES]
    if odd:
        raise wrong(f"{shown(odd[0])} is not a language: write a text, or {{en: ..., zh: ...}}")
    said = {}
    for lang in _LANGUAGES:
        if lang not in value:
            raise wrong(f"{lang} is missing: write {{en: ..., zh: ...}}, or one text for both")
        said[lang] = _check_text(value[lang])
    return Wording(said["en"], said["zh"])


def _check_flag(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    hints = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    hint = hints.get(value.casefold()) if isinstance(value, str) else None
    raise wrong(f"{shown(value)} is not true or false" + (f'; did you mean "{hint}"?' if hint else ""))


def _check_secret(value: Any) -> Any:
    if isinstance(value, str) and _SECRET.fullmatch(value):
        return value
    if isinstance(value, str) and value.startswith("env:"):
        raise wrong(
            "names an environment variable, which every child inherits: write file:PATH or credential:NAME"
        )
    # the value is not shown: it may be the secret itself
    raise wrong("says where the secret is, not the secret itself: file:PATH or credential:NAME")


def _check_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _check_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_check_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong(f"{shown(value)} is not a finite number")
    if type(value) is int and abs(value) >= 2**63:
        raise wrong(f"{shown(value)} is out of range: 64 bits")
    return value


def _check_options(value: Any) -> Any:
    if not isinstance(value, dict):
        raise wrong(f"{shown(value)} is not a mapping of option: value")
    return _check_plain(value)


def _check_cell_here(value: Any) -> Any:
    if isinstance(value, str) and _CELL_HERE.fullmatch(value):
        return value
    raise wrong(f"{shown(value)} is not a cell: its name in this line, or area/line/cell, in lower case")


def _check_time(value: Any) -> Any:
    if not isinstance(value, str):
        raise wrong(f"{shown(value)} is not a time such as 2026-11-22T06:00:00Z")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise wrong(f"{shown(value)} is not a time such as 2026-11-22T06:00:00Z") from None
    if at.tzinfo is None:
        raise wrong(f"{shown(value)} has no time zone: end it with Z, or +08:00")
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def _check_operator(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return value
    raise wrong(f'{shown(value)} is not an operator number: digits in quotes, such as "17", never a name')


def _check_texts(value: Any) -> Any:
    if type(value) in {str, int, float} and value != "":
        return value if isinstance(value, str) else f"{value:.15g}"
    raise wrong(f"{shown(value)} is not a value: a number, or a text")


def path_of(noun: str, levels: str) -> Kind:
    """Names joined by slashes, as many as `levels` has, such as ``area/line/cell``."""
    pattern = "/".join([_NAME] * len(levels.split("/")))
    compiled = re.compile(pattern)

    def check(value: Any) -> Any:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        raise wrong(f"{shown(value)} is not {noun}: {levels}, in lower case")

    return Kind(check, {"type": "string", "pattern": f"^{pattern}$"})


Name = Annotated[str, Kind(_check_name, {"type": "string", "pattern": f"^{_NAME}$"})]
TEXT = Kind(_check_text, {"type": "string", "minLength": 1, "maxLength": 2000})
Text = Annotated[str, TEXT]
Bilingual = Annotated[
    Wording,
    Kind(
        _check_wording,
        {
            "anyOf": [
                TEXT.schema,
                {
                    "type": "object",
                    "properties": {"en": TEXT.schema, "zh": TEXT.schema},
                    "required": ["en", "zh"],
                    "additionalProperties": False,
                },
            ]
        },
    ),
]
"""One text for both languages, or ``{en: ..., zh: ...}``."""
Flag = Annotated[bool, Kind(_check_flag, {"type": "boolean"})]
Number = Annotated[float, number()]
Positive = Annotated[float, number(above=0)]
Scale = Annotated[str, Kind(_check_scale, {"type": "number"})]
Bias = Annotated[str, Kind(_check_bias, {"type": "number"})]
Duration = Annotated[int, Kind(_check_duration, {"type": "string", "pattern": f"^{_DURATION.pattern}$"})]
"""Written ``100ms``, held as nanoseconds."""
Secret = Annotated[str, Kind(_check_secret, {"type": "string", "pattern": r"^(file:.+|credential:[^/]+)$"})]
CellHere = Annotated[str, Kind(_check_cell_here, {"type": "string", "pattern": f"^{_CELL_HERE.pattern}$"})]
"""A cell of the line that it is written in, or of another by its path."""
Time = Annotated[int, Kind(_check_time, {"type": "string", "format": "date-time"})]
"""Written ``2026-11-22T06:00:00Z``, held as nanoseconds since 1970 UTC."""
PlainText = Annotated[str, Kind(_check_texts, {"type": ["string", "number"]})]
"""A value of a tag, as the fold writes it: 2, not 2.0."""
Operator = Annotated[str, Kind(_check_operator, {"type": "string", "pattern": r"^[0-9]{1,12}$"})]
"""An operator's number; names of people stay outside."""
CellPath = Annotated[str, path_of("a cell", "area/line/cell")]
TagPath = Annotated[str, path_of("a tag", "area/line/cell/point")]
Options = Annotated[dict[str, Any], Kind(_check_options, {"type": "object"})]
