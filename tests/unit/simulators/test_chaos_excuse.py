"""What may be lost when a gateway dies is what its disk had no chance to keep; more than that is found."""

from __future__ import annotations

import pytest

from gateway import recorder
from gateway.recorder import Recorder
from simulators.chaos.excuse import Excuse, Lived
from simulators.chaos.run import play
from simulators.chaos.script import parse

S = 1_000_000_000
WINDOW_NS = 10 * S
KILLED, STOPPED = Lived(100 * S, 200 * S, in_order=False), Lived(100 * S, 200 * S, in_order=True)


@pytest.mark.parametrize(
    ("life", "refused_s", "came_s", "holds"),
    [
        (KILLED, [], 195, True),  # not committed yet
        (KILLED, [], 189, True),  # the commit of its window was on its way
        (KILLED, [], 188, False),  # a window went by, and the disk worked
        (KILLED, [*range(121, 200, 9)], 120, True),  # nothing could be kept since
        (KILLED, [150, 199], 120, False),  # a window went by before the disk refused anything
        (KILLED, [121, 199], 120, False),  # and between two refusals
        (KILLED, [150, 160], 120, False),  # the disk worked again for 40 s
        (KILLED, [50, 210], 120, False),  # refused before it came, and after it was dead
        (STOPPED, [], 195, False),  # who is told to end commits first
        (STOPPED, [], 199.9, True),  # in the moment in which it let go of its lines
        (STOPPED, [199], 195, False),  # whose disk refuses the last commit does not end in order
        (KILLED, [], 99, False),  # nobody ran
        (KILLED, [], 201, False),
    ],
)  # fmt: skip
def test_an_excuse(life: Lived, refused_s: list[int], came_s: float, holds: bool) -> None:
    later = Lived(300 * S, 400 * S, in_order=False)
    excuse = Excuse([life, later], [at * S for at in refused_s], WINDOW_NS)
    assert excuse.holds(round(came_s * S)) is holds


def test_nobody_ever_ran() -> None:
    assert not Excuse([], [], WINDOW_NS).holds(S)


def lost(script: str) -> list[str]:
    """What is found of a loss that a gap reaches over, in three minutes."""
    found = [each.what for each in play(1, 180.0, script=parse(script)).account.found]
    assert all(what.startswith("lost: ") for what in found)
    return found


@pytest.mark.long
def test_a_gateway_that_commits_too_seldom_is_found_by_what_its_death_costs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The gap is true and tells all of it; but ten seconds may be lost and not fifty."""
    killed = "at 100 s: gateway kill for 3 s"
    assert lost(killed) == []
    monkeypatch.setattr(recorder, "WINDOWS_NS", {"card": 60 * S})
    assert len(lost(killed)) > 10


@pytest.mark.long
def test_a_gateway_that_ends_without_its_last_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    flush = Recorder._flush  # noqa: SLF001 # the defect is planted here

    async def hasty(self: Recorder) -> None:
        if self._stopping:
            self._inputs, self._events = [], []
        else:
            await flush(self)

    stopped = "at 108 s: gateway stop for 3 s"
    assert lost(stopped) == []
    monkeypatch.setattr(Recorder, "_flush", hasty)
    assert lost(stopped)
