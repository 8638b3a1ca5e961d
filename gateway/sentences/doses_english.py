"""The sentences about dosing in English. Pure."""

from __future__ import annotations

from gateway.sentences.dosefacts import BalanceFault, PhantomRegrind
from gateway.sentences.words import clock, moment, named, number


def about_doses(said: PhantomRegrind, reaction: str) -> str:
    """What disagrees by how much, where to look, which lots, and what to do."""
    what = "declared but not metered" if said.declared else "metered but not declared"
    text = (
        f"{said.component} at {said.doser} is {what}: from {moment(said.from_ns)} to "
        f"{clock(said.to_ns, said.from_ns)} UTC the doser says {number(said.dosed_kg)} kg, {said.estimate} "
        f"{number(said.estimate_kg)} kg. {number(said.off_kg)} kg cannot be explained by weighing "
        f"(sigma {number(said.sigma_kg)} kg)."
    )
    if said.agree:
        text += f" {_list(said.agree)} agrees with the doser: look at {said.estimate} first."
    elif len(said.differ) > 1:
        text += f" {_list(said.differ)} say the same: look at the doser first."
    often = "once" if said.per_year == 1.0 else f"{number(said.per_year)} times"
    text += f" By chance this is said {often} a year."
    if said.lots:
        text += f" Lots made meanwhile: {named(said.lots, ', ', ' and {} more')}."
    look = "Weigh a dose by hand; look for material that goes past the doser; hold the lots."
    return f"{text} Do: {reaction or look}"


def _list(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def about_faults(said: BalanceFault) -> str:
    """What explains the balances, how sure that is, and what else does."""
    text = f"All balances together, {said.weeks} weeks: "
    if said.kind == "scale":
        text += (
            f"the scale of {said.about[0]} drifts by {number(100 * said.size)} % a week (sigma "
            f"{number(100 * said.sigma)} %) since {said.since}"
        )
    else:
        text += (
            f"{_way(said.about)}, {number(said.size)} kg a week (sigma {number(said.sigma)} kg) go past every meter "
            f"since {said.since}"
        )
    text += f"; {number(100 * said.share)} % of what may explain them."
    if said.also:
        others = "; ".join(
            f"the scale of {each[1]}" if each[0] == "scale" else _way(each[1:]) for each in said.also
        )
        text += f" As well as: {others}. Only further weeks can tell."
    elif not said.sure:
        text += " That is not sure yet."
    return text


def _way(about: tuple[str, ...]) -> str:
    source, target = (name or "outside" for name in about)
    return f"from {source} to {target}"
