"""The sentences about checks in Simplified Chinese. Pure."""

from __future__ import annotations

from gateway.sentences.checkfacts import AboutChecks, CheckFailed, CheckMissed, Stop
from gateway.sentences.words import moment, named, quantity

_WHAT = {
    "check": "检查",
    "calibration": "校准",
    "maintenance": "保养",
    "qualification": "资格认证",
    "audit": "审核",
}
_LOT = {"hold": "该批已扣留。", "reject": "该批已拒收。", "tell": ""}


def about_checks(said: AboutChecks, reaction: str) -> str:
    """One sentence or two, and what to do."""
    if isinstance(said, Stop):
        return _stop(said)
    text = _failed(said) if isinstance(said, CheckFailed) else _missed(said)
    return f"{text}处理措施：{reaction}" if reaction else text


def _stop(said: Stop) -> str:
    where = named(said.cells, "、", "等另外 {} 处") or "全厂"
    if said.over:
        return f"计划停机 {said.name} 已结束（{where}）：无人确认的报警恢复通知。"
    when = "进行中" if said.on else f"将于 {moment(said.from_ns)} UTC 开始"
    return f"计划停机 {said.name} {when}，至 {moment(said.to_ns)} UTC（{where}）：期间不发送报警通知，也不要求检查。"


def _missed(said: CheckMissed) -> str:
    about = f"（{said.about}）" if said.about else ""
    of = f"（对象：{said.subject}）" if said.subject else ""
    lot = f"，批次 {said.lot}" if said.lot else ""
    where = f"，地点 {said.cell}" if said.cell else ""
    what = _WHAT[said.what]
    return f"{what} {said.check}{about}{of}{lot}{where}：应在 {moment(said.due_ns)} UTC 完成，至今无人执行。"


def _failed(said: CheckFailed) -> str:
    about = f"（{said.about}）" if said.about else ""
    lot = f"，批次 {said.lot}" if said.lot else ""
    low = "" if said.low is None else f"下限 {quantity(said.low, said.uom)}"
    high = "" if said.high is None else f"上限 {quantity(said.high, said.uom)}"
    limits = "，".join(part for part in (low, high) if part)
    held = _LOT[said.outside] if said.lot else ""
    return (
        f"{said.check}{about}{lot}：{moment(said.time_ns)} UTC 录入的值 {quantity(said.value, said.uom)} "
        f"超出规格（{limits}）。{held}"
    )
