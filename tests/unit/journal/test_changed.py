"""A drift and its lots: which were made before and since, and of what they hold more or less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from gateway.genealogy import source, to_composition
from gateway.journal import JournalReader, Replica
from gateway.journal.changed import LOTS_BEFORE, Drift, drift_of, first_told, shifts
from gateway.journal.exposure import Exposures, Share
from gateway.model import (
    AlarmChanged,
    Change,
    Event,
    Identity,
    Ingredient,
    LotMade,
    NumberedEvent,
    Severity,
    Signal,
)
from tests.unit.journal.plant import T0

CELL = "hall/line1/press1"
TAG = f"{CELL}/pressure"
DAY = 86_400_000_000_000
NEWEST = 2**62


def lot(
    name: str, at: int, kind: str = "batch", cell: str = CELL, kg: float = 10.0, version: int = 1
) -> LotMade:
    inputs = (Ingredient("R1", kg, 0.0),)
    return LotMade(T0 + at, name, kind, cell, kg, 0.0, inputs, to_composition(source("R1")), version=version)


def alarm(at: int = 100, state: str = "active", version: int = 1) -> AlarmChanged:
    return AlarmChanged(T0 + at, "a1", version, state, "signal", Severity.ALARM, TAG, "pressure", "call")


def signal(at: int, since: int | None, tag: str = TAG, subject: str = "pressure") -> Signal:
    change = None if since is None else Change(T0 + since, T0 + since - 1, T0 + since + 1, 3, 1.0, None, "up")
    return Signal(T0 + at, subject, tag, "ewma", "", ("limit",), 1.0, 0.0, -1.0, 1.0, 3.0, change=change)


@dataclass
class Told:
    """Events by time, as a reader gives them; each has the number of its place in the list."""

    told: Sequence[Event]

    def events_between(self, t0: int, t1: int, kinds: Sequence[str]) -> Iterator[tuple[int, int, Event]]:
        found = [(seq, 0, event) for seq, event in enumerate(self.told, 1) if type(event).__name__ in kinds]
        return iter(
            sorted((each for each in found if t0 <= each[2].time_ns < t1), key=lambda each: each[2].time_ns)
        )


def drift(*told: Event, first: int = 100, upto: int = NEWEST, of: AlarmChanged | None = None) -> Drift:
    return drift_of(cast("JournalReader", Told(told)), of or alarm(), T0 + first, upto)


def names(lots: Sequence[LotMade]) -> list[str]:
    return [each.lot for each in lots]


def test_it_begins_where_the_first_signal_of_the_chart_says() -> None:
    others = [
        signal(100, 1, tag=f"{CELL}/other"),
        signal(100, 2, subject="other"),
        signal(99, 3),
        signal(100, None),
    ]
    made: list[Event] = [lot("B1", 59), lot("B2", 60), lot("B3", 61)]
    told = [*made, *others, signal(110, 60), signal(120, 70)]
    found = drift(*told, of=alarm(at=130, version=2))
    assert found.since_ns == T0 + 60
    assert found.change is not None
    assert found.change.time_ns == T0 + 60
    assert (names(found.before), names(found.after)) == (["B1"], ["B2", "B3"])


def test_a_signal_after_the_alarms_time_is_of_something_else() -> None:
    assert drift(signal(130, 60), of=alarm(at=130)).since_ns == T0 + 60
    found = drift(signal(131, 60), of=alarm(at=130))
    assert (found.change, found.since_ns) == (None, T0 + 100)


def test_lots_of_that_cell_that_were_made_of_something() -> None:
    bought = replace(lot("R2", 120), inputs=())
    found = drift(lot("B1", 100), lot("B2", 120, cell="hall/line1/press2"), bought, lot("B3", 99))
    assert (names(found.before), names(found.after)) == (["B3"], ["B1"])


def test_until_it_returned() -> None:
    told = [lot("B1", 110), lot("B2", 150), lot("B3", 151)]
    for state in ("returned", "closed"):
        assert names(drift(*told, of=alarm(150, state)).after) == ["B1", "B2"]
    assert names(drift(*told, of=alarm(150, "acknowledged")).after) == ["B1", "B2", "B3"]


def test_the_newest_version_that_counts() -> None:
    told = [lot("B1", 110), lot("B1", 110, kg=11.0, version=2), lot("B1", 110, kg=12.0, version=3)]
    assert [each.kg for each in drift(*told).after] == [12.0]
    assert [each.kg for each in drift(*told, upto=2).after] == [11.0]
    assert [each.kg for each in drift(*reversed(told)).after] == [12.0], "told late"


def test_ten_lots_before_of_each_kind_that_is_there_since() -> None:
    older = [lot(f"B{at:02}", at) for at in range(LOTS_BEFORE + 2)]
    found = drift(
        *older, lot("P1", 50, "part"), lot("G1", 51, "regrind"), lot("B99", 100), lot("P2", 101, "part")
    )
    assert names(found.before) == [*[f"B{at:02}" for at in range(2, LOTS_BEFORE + 2)], "P1"]
    assert names(found.after) == ["B99", "P2"]


def test_lots_of_the_last_thirty_days() -> None:
    found = drift(lot("old", 100 - 30 * DAY - 1), lot("known", 100 - 30 * DAY), lot("B1", 100))
    assert names(found.before) == ["known"]


class Shares:
    """Exposures of lots whose shares are said."""

    def __init__(self, **said: dict[str, Share]) -> None:
        self._said = said

    def sources(self, name: str) -> dict[str, Share]:
        return self._said[name]


def exact(share: float, sigma: float = 0.0) -> Share:
    return Share(share, share, sigma)


def moved(
    said: Shares, before: Sequence[LotMade], after: Sequence[LotMade], least: float = 0.1
) -> dict[str, float]:
    found = shifts(cast("Exposures", said), Drift(alarm(), None, T0, tuple(before), tuple(after)), least)
    return {each.source: round(each.size, 12) for each in found}


def test_what_moved_by_mass_the_most_first() -> None:
    said = Shares(
        B1={"R1": exact(1.0)},
        B2={"R1": exact(0.6), "R2": Share(0.3, 0.5, 0.0)},
        B3={"R1": exact(0.2), "R2": exact(0.4), "R3": exact(0.4)},
    )
    before = [lot("B1", 1, kg=30.0), lot("B2", 2, kg=10.0)]  # R1 0.9, R2 from 0.075 to 0.125
    assert moved(said, before, [lot("B3", 200)]) == {"R1": -0.7, "R3": 0.4, "R2": 0.3}
    assert list(moved(said, before, [lot("B3", 200)])) == ["R1", "R3", "R2"]
    assert moved(said, before, [lot("B3", 200)], least=0.4) == {"R1": -0.7, "R3": 0.4}


def test_what_weighing_may_have_moved_is_not_told() -> None:
    after = [lot("B2", 200)]
    for before_sigma, after_sigma, told in ((0.125, 0.0, True), (0.126, 0.0, False), (0.0, 0.126, False)):
        said = Shares(B1={"R1": exact(0.5, before_sigma)}, B2={"R1": exact(0.75, after_sigma)})
        assert (moved(said, [lot("B1", 1)], after) != {}) == told


def test_kinds_that_are_on_one_side_only_say_nothing() -> None:
    said = Shares(B1={"R1": exact(1.0)}, B2={"R2": exact(1.0)}, P1={"R3": exact(1.0)})
    assert moved(said, [lot("B1", 1)], [lot("B2", 200), lot("P1", 200, "part")]) == {"R1": -1.0, "R2": 1.0}
    assert moved(said, [], [lot("B2", 200)]) == {}


def test_the_newest_version_of_an_alarm_and_when_the_first_was_told(tmp_path) -> None:
    told = [alarm(100), replace(alarm(90), alarm="a2"), alarm(120, "returned", 2)]
    for name, events in (("one", []), ("two", told)):
        with Replica.open(tmp_path / name, Identity(name, "gw1", "e1")) as replica:
            replica.store([], [NumberedEvent(seq, 0, event) for seq, event in enumerate(events, 1)])
    with JournalReader(tmp_path / "one") as one, JournalReader(tmp_path / "two") as two:
        assert first_told([one, two], "a1") == (two, told[-1], T0 + 100)
        assert first_told([one, two], "a9") is None
