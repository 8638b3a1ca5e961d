"""Why a lot is held, in Chinese: reasons go into the journal in English, as the fold words them. Pure.

What a person wrote is not translated.

>>> chinese("rule boxes: regrind 25.52 to 25.71 %, limit 25.5 %")
'规则 boxes：回料占比 25.52 至 25.71 %，允许 25.5 %'
>>> chinese("melt_flow 31.5 is outside from 28 to 31"), chinese("Looks odd.")
('melt_flow 31.5 超出规格（28 至 31）', 'Looks odd.')
"""

from __future__ import annotations

import re
from typing import Any

_WHAT = {
    "regrind": "回料占比",
    "too often through a screw": "过螺杆次数过多的材料占比",
    "mixed": "混入不相容材料",
    "expired": "过期材料占比",
}
_RULE = re.compile(
    rf"rule (?P<rule>\S+): (?P<what>{'|'.join(_WHAT)})(?P<about> \(.*\))? (?P<low>\S+) to (?P<high>\S+) %, "
    r"limit (?P<limit>\S+) %"
)
_RESULT = re.compile(r"(?P<name>\S+) (?P<value>\S+) is outside(?: from (?P<low>\S+))?(?: to (?P<high>\S+))?")
_AWAITED = {"it is not checked yet": "尚未检验"}
_OF_LOT = re.compile(r"(?P<lot>\S+): (?P<reason>.+)")


def chinese(reason: str) -> str:
    """The same in Chinese, or as it is where the fold did not word it."""
    if (found := _RULE.fullmatch(reason)) is not None:
        about = f"（{found['about'][2:-1]}）" if found["about"] else ""
        share = f"{found['low']} 至 {found['high']} %"
        return f"规则 {found['rule']}：{_WHAT[found['what']]}{about} {share}，允许 {found['limit']} %"
    if (found := _RESULT.fullmatch(reason)) is not None:
        return f"{found['name']} {found['value']} 超出规格（{_limits(found['low'], found['high'])}）"
    if reason in _AWAITED:
        return _AWAITED[reason]
    if (found := _OF_LOT.fullmatch(reason)) is not None:
        inner = chinese(found["reason"])
        return reason if inner == found["reason"] else f"{found['lot']}：{inner}"
    return reason


def _limits(low: str | None, high: str | None) -> str:
    if low is None or high is None:
        return f"不高于 {high}" if low is None else f"不低于 {low}"
    return f"{low} 至 {high}"


def in_both(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts with their `reason` in Chinese beside it, where it is another one."""
    reason = facts.get("reason")
    if not isinstance(reason, str) or (other := chinese(reason)) == reason:
        return facts
    return {**facts, "reason_zh": other}
