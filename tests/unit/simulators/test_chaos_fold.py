"""A simulated fold takes virtual time, or no snapshot would ever be due."""

from __future__ import annotations

from typing import cast

from gateway.folding.foldstate import State, Step
from gateway.model import Input, Instant, Tick
from gateway.pipeline import Pipeline
from gateway.recorder import REPLAY_LIMIT_NS
from simulators.chaos.loop import VirtualLoop
from simulators.chaos.slowfold import FOLD_NS, SlowFold

READINGS_A_SEED = 3_000  # that it takes in two hours, at least


class Kept:
    """A pipeline that keeps what comes."""

    def start(self) -> State:
        return cast("State", None)

    def step(self, state: State, given: Input) -> Step:
        return Step(state, given)


def test_an_input_takes_as_long_as_on_a_slow_box() -> None:
    loop = VirtualLoop(5)
    given = Tick(Instant(1, 1, 1))
    step = SlowFold(loop, cast("Pipeline", Kept())).take(given)
    loop.close()
    assert step.record is given
    assert loop.now_ns == 5 + FOLD_NS


def test_a_seed_of_two_hours_has_some_snapshots() -> None:
    assert READINGS_A_SEED * FOLD_NS > 3 * REPLAY_LIMIT_NS
