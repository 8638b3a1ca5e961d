"""The differences of two control plans in words: English and Simplified Chinese. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.plan.compare import ADDED, REMOVED, Change

LANGUAGES = ("en", "zh")
_NOUNS: Mapping[str, tuple[str, str]] = {
    "plan": ("name of the plan", "计划名称"),
    "part": ("part", "零件"),
    "about": ("description", "描述"),
    "phase": ("phase", "阶段"),
    "revision": ("revision", "版本"),
    "effective": ("effective from", "生效日期"),
    "approved_by": ("approved by operator", "批准人工号"),
    "change": ("reason of the change", "变更说明"),
    "owner": ("owner of the reaction", "反应计划负责人"),
    "escalation": ("escalation ladder", "升级阶梯"),
    "number": ("number", "编号"),
    "step": ("process step", "工序"),
    "machine": ("machine", "设备"),
    "of": ("characteristic of", "特性类别"),
    "class": ("special class", "特殊特性符号"),
    "specification": ("specification", "规范"),
    "technique": ("measurement technique", "测量方法"),
    "gauge": ("gauge", "量具"),
    "tag": ("tag", "测点"),
    "tags": ("further tags", "其他测点"),
    "method": ("control method", "控制方法"),
    "rules": ("run rules", "判异规则"),
    "key": ("key of the process", "过程关键字"),
    "reaction": ("reaction plan", "反应计划"),
    "causes": ("causes to choose from", "可选原因"),
    "fmea": ("line of the FMEA", "FMEA 行"),
    "usl": ("upper specification limit", "规格上限"),
    "lsl": ("lower specification limit", "规格下限"),
    "target": ("target", "目标值"),
    "sampling.every": ("sampling", "抽样方式"),
    "sampling.period": ("time between samples", "抽样间隔"),
    "sampling.counter": ("counter of the samples", "抽样计数器"),
    "sampling.size": ("sample size", "样本量"),
    "sampling.per_day": ("samples a day", "每日样本数"),
    "check.every": ("frequency of the check", "检查频次"),
    "check.period": ("time between checks", "检查间隔"),
    "check.days": ("days between checks", "检查间隔天数"),
    "check.cell": ("place of the check", "检查地点"),
    "check.lots": ("kind of lot that is checked", "受检批次类别"),
    "check.materials": ("materials that are checked", "受检材料"),
    "check.within": ("time for the check", "检查时限"),
    "check.missed_after": ("missed after", "漏检判定时间"),
    "check.uom": ("unit", "单位"),
    "check.outside": ("a lot outside of the specification", "超规格批次的处置"),
    "check.quarantine": ("quarantine until accepted", "接收前隔离"),
    "check.second_person": ("a second person agrees", "需第二人同意"),
    "design.arl0": ("samples between false alarms", "平均误报间隔样本数"),
    "design.confidence": ("confidence of the limit", "控制限置信度"),
    "design.weight": ("share of the false alarms", "误报份额"),
    "when.tag": ("tag of the machine's state", "设备状态测点"),
    "when.is": ("states in which it is controlled", "受控状态"),
    "when.warm_up": ("warm-up", "预热时间"),
    "kind": ("kind of duty", "任务类别"),
    "subject": ("of whom or what", "对象"),
    "days": ("days between", "间隔天数"),
    "last": ("done last", "上次完成"),
    "remind_days": ("days of notice", "提前提醒天数"),
    "grace_days": ("days of grace", "宽限天数"),
}
"""What each key is called, in both languages; others, such as a chart's own `params`, by their key."""
_ROWS = {
    ("characteristics", ADDED): ("{row} is new: {text}", "新增 {row}：{text}"),
    ("characteristics", REMOVED): ("{row} is left out: {text}", "删除 {row}：{text}"),
    ("duties", ADDED): ("duty {row} is new: {text}", "新增任务 {row}：{text}"),
    ("duties", REMOVED): ("duty {row} is left out: {text}", "删除任务 {row}：{text}"),
}
_NEW = ("{noun}: now {after}, was not given", "{noun}：现为 {after}，原未规定")
_GONE = ("{noun}: no longer given, was {before}", "{noun}：不再规定，原为 {before}")
_UP = ("{noun}: raised from {before} to {after}", "{noun}：由 {before} 提高到 {after}")
_DOWN = ("{noun}: lowered from {before} to {after}", "{noun}：由 {before} 降低到 {after}")
_OTHER = ("{noun}: {after}, was {before}", "{noun}：{after}，原为 {before}")
_LIMITS = ("version {number} of the limits", "控制限第 {number} 版")
_YES, _NO = ("yes", "是"), ("no", "否")
_SUMMARY = ("about", "tag", "kind", "method")


def noun(key: str, lang: str = "en") -> str:
    """What people call a key."""
    at, (section, _, number) = LANGUAGES.index(lang), key.partition(".")
    if section == "limits":
        return _LIMITS[at].format(number=number)
    return _NOUNS[key][at] if key in _NOUNS else key


def words(change: Change, lang: str = "en") -> str:
    """One line. Raises ValueError for a language that there is not."""
    at = LANGUAGES.index(lang)
    if (change.section, change.what) in _ROWS:
        row = change.after if change.what == ADDED else change.before
        return _ROWS[change.section, change.what][at].format(row=change.row, text=_summary(row, at))
    before, after = change.before, change.after
    if before is None:
        form = _NEW
    elif after is None:
        form = _GONE
    elif _number(before) and _number(after):
        form = _UP if after > before else _DOWN
    else:
        form = _OTHER
    text = form[at].format(noun=noun(change.key, lang), before=_shown(before, at), after=_shown(after, at))
    colon = ": " if lang == "en" else "："
    return f"{change.row}{colon}{text}" if change.row else text


def _summary(row: Mapping[str, Any], at: int) -> str:
    """Enough of a row to know it."""
    said = [_shown(row[key], at) for key in _SUMMARY if row.get(key) not in (None, [])]
    check = row.get("check")
    if isinstance(check, Mapping):
        said.append(_shown(check.get("every"), at))
    return ", ".join(said)


def _shown(value: Any, at: int) -> str:
    if isinstance(value, bool):
        return (_YES if value else _NO)[at]
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(item, at)}" for key, item in value.items() if item not in (None, []))
    if isinstance(value, list):
        return ", ".join(_shown(each, at) for each in value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return " ".join(str(value).split())


def _number(value: Any) -> bool:
    return type(value) in {int, float}
