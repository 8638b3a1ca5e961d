"""The sentences about dosing in Simplified Chinese. Pure."""

from __future__ import annotations

from gateway.sentences.dosefacts import PhantomRegrind
from gateway.sentences.words import clock, moment, named, number


def about_doses(said: PhantomRegrind, reaction: str) -> str:
    """What disagrees by how much, where to look, which lots, and what to do."""
    what = "已申报但未计量到" if said.declared else "已计量到但未申报"
    text = (
        f"{said.doser} 的 {said.component} {what}：{moment(said.from_ns)} 至 {clock(said.to_ns, said.from_ns)} UTC，"
        f"配料机报 {number(said.dosed_kg)} kg，{said.estimate} 为 {number(said.estimate_kg)} kg，"
        f"相差 {number(said.off_kg)} kg，无法用称量误差解释（sigma 为 {number(said.sigma_kg)} kg）。"
    )
    if said.agree:
        text += f"{_list(said.agree)} 与配料机一致：先检查 {said.estimate}。"
    elif len(said.differ) > 1:
        text += f"{_list(said.differ)} 说法相同：先检查配料机。"
    text += f"在正常情况下，此报警每年误报 {number(said.per_year)} 次。"
    if said.lots:
        text += f"其间生产的批次：{named(said.lots, '、', ' 等另外 {} 个')}。"
    return f"{text}处理措施：{reaction or '手工称一次配料；查找绕过配料机的材料；扣留这些批次。'}"


def _list(names: tuple[str, ...]) -> str:
    return "、".join(names)
