"""One cycle of a doser: what each component weighed against what was wanted, and whether it can tell. Frozen."""

from __future__ import annotations

from dataclasses import dataclass

MARKS = frozenset(
    {
        "refill",  # the hopper was filled meanwhile: a loss in weight is no dose
        "purge",  # material was run out on purpose
        "starved",  # a hopper had less than the setpoint asked for
        "manual",  # somebody ran the doser by hand
        "bump",  # the scale was knocked
        "missed",  # several cycles in one: figures of the others were not read
        "cleared",  # totals were cleared in it
        "reset",  # the doser lost its power
        "replaced",  # another device answers
        "unit_changed",  # the doser counts in another unit now
        "first_after_gap",  # nothing was read for a while before it
        "changeover",  # recipe or setpoints changed: nobody knows which of them it was dosed by
        "no_setpoint",  # nobody knows what was wanted
    }
)
"""Why a cycle's ratio is marked and not averaged in. A cycle without a mark can tell."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One component of a cycle."""

    component: str  # as the meter's config names it: the vessel it is weighed out of
    kg: float
    sigma_kg: float  # standard uncertainty of `kg`: resolution and repeatability of the scale
    setpoint: float | None = None  # share, 0 to 1, as the doser had it; None: it does not say
    what: str = "of batch"  # of what `setpoint` is a share: "of batch" (all components), "of setpoint"
    # (for colour and additives: of the component that they colour)

    def __post_init__(self) -> None:
        if self.what not in {"of batch", "of setpoint"}:
            raise ValueError(f'a setpoint is "of batch" or "of setpoint", not "{self.what}"')


@dataclass(frozen=True, slots=True)
class Cycle:
    """One dose of a blender, or what a feeder dispensed in one window of its balance.

    Cycles of one doser follow each other without a hole: `from_ns` of one is `time_ns` of the one before. The mass of
    all components together lies in [low_kg, high_kg] for certain; where `exact`, both are the sum of `components`,
    up to their sigma. `high_kg` is infinite where nothing bounds it.
    """

    time_ns: int  # wire time of the reading that told of it: its end
    from_ns: int  # wire time of the reading before
    doser: str  # name of the meter
    recipe: str  # as the doser says; "" where it does not
    components: tuple[Weighed, ...]
    marks: tuple[str, ...] = ()  # of MARKS, sorted; empty: the cycle can tell
    exact: bool = True  # nothing between the two readings is unknown
    low_kg: float = 0.0
    high_kg: float = 0.0

    def __post_init__(self) -> None:
        unknown = set(self.marks) - MARKS
        if unknown:
            raise ValueError(f"unknown marks: {', '.join(sorted(unknown))}")

    @property
    def kg(self) -> float:
        """All components together: the best estimate."""
        return sum(each.kg for each in self.components)
