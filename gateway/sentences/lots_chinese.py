"""The sentences about lots in Simplified Chinese. Pure."""

from __future__ import annotations

from gateway.sentences.lotfacts import (
    AboutLots,
    HeldShipped,
    MadeOfHeld,
    MaterialUsed,
    RuleBroken,
    ScanLate,
    SharesOff,
    ShippedSuspect,
)
from gateway.sentences.reasons import chinese
from gateway.sentences.words import moment, named, number, percent

_WHAT = {
    "regrind": "回料占比为 {share}",
    "passes": "过螺杆超过 {about} 次的材料占比为 {share}",
    "apart": "{about}：两者占比均不低于 {share}",
    "expired": "已过有效期的材料（{about}）占比为 {share}",
}
_MEND = "追回，或通知收货方。"


def about_lots(said: AboutLots, reaction: str) -> str:
    """One sentence or two, and what to do."""
    text, do = _said(said)
    return f"{text}处理措施：{reaction or do}"


def _said(said: AboutLots) -> tuple[str, str]:
    match said:
        case RuleBroken():
            return _broken(said)
        case MadeOfHeld(shipped=True):
            lots = named(said.lots, "、", " 等另外 {} 个")
            return (
                f"已发货，现存疑：{lots}。由被扣留的 {said.source} 制成，原因：{chinese(said.reason)}。",
                _MEND,
            )
        case MadeOfHeld():
            lots = named(said.lots, "、", " 等另外 {} 个")
            return f"因由 {said.source}（{chinese(said.reason)}）制成而被扣留：{lots}。", "隔离存放。"
        case ShippedSuspect():
            return f"已发货，现存疑：据现有信息，{said.lot} 违反规则 {said.rule}。", _MEND
        case MaterialUsed(expired=True):
            return (
                f"{said.lot} 于 {moment(said.time_ns)} UTC 在 {said.cell} 投用时已过有效期。",
                "取下并询问质量部门。",
            )
        case MaterialUsed():
            text = f"被扣留的 {said.lot} 于 {moment(said.time_ns)} UTC 在 {said.cell} 投用，"
            text += f"扣留原因：{chinese(said.reason)}。"
            return text, "取下。"
        case HeldShipped():
            text = f"被扣留的 {said.lot} 于 {moment(said.time_ns)} UTC 经 {said.cell} 离厂，"
            text += f"扣留原因：{chinese(said.reason)}。"
            return text, "拦截该批货物，或追回。"
        case ScanLate():
            text = (
                f"{said.lot} 于 {moment(said.time_ns)} UTC 在 {said.point} 扫描，"
                f"{number(said.seconds)} 秒之后才传到。"
            )
            return text, "检查扫描器；材料到达时即扫描。"
        case SharesOff():
            text = f"{said.lot} 的组成占比合计与 100 % 相差 {number(100 * abs(said.off))} 个百分点。"
            return text, "不要依据该批次的组成；请发送支持包（support-bundle）。"


def _broken(said: RuleBroken) -> tuple[str, str]:
    share = f"{percent(said.low)} 至 {percent(said.high)} %"
    what = _WHAT[said.what].format(share=share, about=said.about)
    breaks = "违反" if said.sure else "可能违反"
    held = "已扣留。" if said.held else ""
    text = f"{said.lot} {breaks}规则 {said.rule}：{what}，允许 {percent(said.limit)} %。{held}"
    return text, "隔离存放。" if said.held else "使用前先检查。"
