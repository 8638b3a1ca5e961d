"""What differs between two configs of a site, from what to what, in both languages. Pure.

Rows are told apart by their name or id, and of a row that stayed each value is told; their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.plain import to_plain
from gateway.plan.compare import CHANGED, Change
from gateway.plan.diffwords import LANGUAGES, words
from gateway.site import Site

MOST = 40
_SHOWN = 160  # characters of a value
_NEW = {"en": "{row} is new", "zh": "新增 {row}"}
_GONE = {"en": "{row} is left out", "zh": "删除 {row}"}
_MORE = {"en": "and {n} more", "zh": "另有 {n} 项"}
_SECTIONS = {
    "alarm_limits": ("alarm limit", "报警限"), "buses": ("bus", "总线"), "characteristics": ("characteristic", "特性"),
    "checks": ("check", "检查"), "devices": ("device", "设备"), "dosers": ("doser", "配料机"),
    "lot_rules": ("lot rule", "批次规则"), "materials": ("material", "材料"), "scan_points": ("scan point", "扫描点"),
    "vessels": ("vessel", "料仓"),
}  # fmt: skip
_KEYS = {"reaction_zh": ("reaction plan in Chinese", "中文反应计划")}
"""What a frozen row has and no plan file: words for it, as `gateway.plan.diffwords` has them of plans."""
_MISSING = object()
_ODD = frozenset({"is", "line"})  # no word of a config: a class's name, and where a plan's own words are kept


class Differs(NamedTuple):
    """One value, or a whole row where one side has none."""

    path: tuple[str, ...]
    before: Any
    after: Any


def said(old: Site, new: Site) -> dict[str, list[str]]:
    """By language a sentence for each difference, at most so many, and how many more there are."""
    found = list(differences(to_plain(old), to_plain(new)))
    more = len(found) - MOST
    return {
        lang: [
            *(_words(each, lang) for each in found[:MOST]),
            *([_MORE[lang].format(n=more)] if more > 0 else []),
        ]
        for lang in LANGUAGES
    }


def differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[Differs]:
    """Of two plain values, in the order of the newer one.

    >>> rows = [{"name": "a", "usl": 1}], [{"name": "a", "usl": 2}, {"name": "b"}]
    >>> [each.path for each in differences(*rows)]
    [('a', 'usl'), ('b',)]
    """
    if old == new:
        return
    was, now = _keyed(old), _keyed(new)
    if was is None or now is None:
        yield Differs(path, old, new)
        return
    for name in dict.fromkeys((*now, *was)):
        here = path if name in _ODD else (*path, name)
        one, other = was.get(name, _MISSING), now.get(name, _MISSING)
        if one is _MISSING or other is _MISSING:
            yield Differs(here, one, other)
        else:
            yield from differences(one, other, here)


def _keyed(value: Any) -> dict[str, Any] | None:
    """Members by name, or rows by theirs; None for a value that is one."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        return {} if value == [] else None
    names = [_name(each) for each in value]
    return dict(zip(names, value, strict=True)) if all(names) and len(set(names)) == len(names) else None


def _name(row: dict[str, Any]) -> str:
    """What tells a row from the others: of an alarm limit tag and level, of any other its name or id."""
    level = f"{row.get('tag')} {row['level']}" if row.get("level") else ""
    return str(row.get("name") or row.get("id") or level)


def _words(each: Differs, lang: str) -> str:
    at = LANGUAGES.index(lang)
    first, *rest = each.path or ("",)
    path = [_SECTIONS[first][at] if rest and first in _SECTIONS else first, *rest]
    if each.before is _MISSING or each.after is _MISSING:
        form = _NEW if each.before is _MISSING else _GONE
        return form[lang].format(row=" ".join(path))
    *row, key = path
    key = _KEYS[key][at] if key in _KEYS else key
    before, after = (
        None if value in (None, "", [], {}) else _short(value) for value in (each.before, each.after)
    )
    return words(Change(CHANGED, "", " ".join(row), key, before, after), lang)


def _short(value: Any) -> Any:
    if isinstance(value, (bool, int, float)):
        return value
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
