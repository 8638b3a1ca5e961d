"""Another config while the daemon runs: what changed is changed, and nothing else is touched."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gateway.fold import Fold, pack_state
from gateway.model import Event, Noted, Setting
from gateway.pipeline import Pipeline
from gateway.plain import digest, to_plain
from gateway.site import AlarmLimit, Broker, Characteristic, Sampling
from tests.unit.reloading.plant import MS, SITE, bus, device, with_device

ADDED = replace(
    with_device(SITE, device("d3", "b3", "p", "new")),
    buses=(*SITE.buses, bus("b4", 4)),
    devices=(*with_device(SITE, device("d3", "b3", "p", "new")).devices, device("d4", "b4", "p")),
)


async def test_polls_of_other_buses_come_at_the_instants_at_which_they_would_have_come(make) -> None:
    still, changed = make(), None
    await still.run(3)
    changed = make()
    await changed.run(1.013)
    outcome = await changed.apply(ADDED)
    assert outcome.code == 0, outcome.words
    await changed.run(3 - (changed.clock.boottime_ns() - 1_000_000_000) / 1e9)
    for group in ("d1/fast", "d2/fast", "d2b/fast"):
        assert changed.of(group) == still.of(group)
    assert changed.closed == ["b3"]
    assert sorted(changed.built) == ["b1", "b2", "b3", "b3", "b4"]
    assert not changed.fold.state.failed
    assert changed.pollers["b1"].stats.overruns == 0


async def test_a_bus_that_changed_keeps_the_deadlines_of_its_other_units(make) -> None:
    still = make()
    await still.run(3)
    plant = make()
    await plant.run(1.0005)  # somewhere in the round
    before = len(plant.of("d2b/fast"))
    assert (await plant.apply(with_device(SITE, device("d2", "b2", "p", "more", period_ms=50)))).code == 0
    await plant.run(3 - (plant.clock.boottime_ns() - 1_000_000_000) / 1e9)
    assert plant.of("d2b/fast") == still.of("d2b/fast")
    assert plant.of("d2/fast") == still.of("d2/fast")
    assert len(plant.of("d2b/fast")) > before
    assert plant.closed == ["b2"]
    assert "poll_overrun" not in plant.kinds()


async def test_the_event_says_who_when_and_from_which_config_to_which(make) -> None:
    plant = make()
    await plant.run(0.5)
    outcome = await plant.apply(ADDED)
    told = next(
        event for event in plant.events if isinstance(event, Noted) and event.kind == "config_changed"
    )
    assert outcome.events == (told,)
    assert told.subject == "gw1"
    assert told.facts["by"] == "17"
    assert told.facts["before"] == digest(to_plain(SITE))
    assert told.facts["hash"] == digest(to_plain(ADDED))
    assert outcome.changes == (
        "+buses.b4",
        "+tags.a/l/d3/new",
        "+tags.a/l/d4/p",
        "~devices.d3",
        "+devices.d4",
    )
    assert plant.used == [ADDED]


async def test_folding_the_inputs_again_gives_the_same_events_and_state(make) -> None:
    plant = make()
    await plant.run(0.3)
    await plant.apply(replace(ADDED, alarm_limits=(AlarmLimit("a/l/d1/p", "H", 9.0, 0.5, "stop"),)))
    await plant.run(0.3)
    again = Fold(Pipeline(SITE))
    events: list[Event] = []
    for given in plant.inputs:
        events += again.take(given).events
    assert events == [
        event for event in plant.events if not isinstance(event, Noted) or event.kind == "config_changed"
    ]
    assert pack_state(again.state) == pack_state(plant.fold.state)
    assert plant.fold.pipeline.site.alarm_limits[0].value == 9.0


async def test_a_plan_alone_touches_no_bus(make) -> None:
    plant = make()
    await plant.run(0.5)
    row = Characteristic("c", "a/l/d1/p", "imr", {}, (), Sampling(), "look")
    outcome = await plant.apply(replace(SITE, characteristics=(row,)))
    assert outcome.code == 0, outcome.words
    assert plant.closed == []
    assert outcome.changes == ("+characteristics.c",)


@pytest.mark.parametrize(
    ("site", "words", "code"),
    [
        (
            with_device(SITE, device("d2", "b2", "p", unit=300)),
            r"bus b2 \(d2, d2b\).*unit 300 is no unit",
            78,
        ),
        (
            replace(ADDED, broker=Broker("elsewhere")),
            "only a restart can change broker: nothing was changed",
            1,
        ),
        (replace(ADDED, gateway="gw2", web_port=80), "only a restart can change gateway, web.port", 1),
        (
            replace(
                SITE,
                characteristics=(Characteristic("c", "a/l/d1/p", "nochart", {}, (), Sampling(), "look"),),
            ),
            "nochart",
            78,
        ),
    ],
)
async def test_what_cannot_be_leaves_everything_as_it_is(make, site, words, code) -> None:
    plant = make()
    await plant.run(0.5)
    state, pollers = plant.fold.state, dict(plant.pollers)
    outcome = await plant.apply(site)
    assert outcome.code == code

    assert re.search(words, outcome.words), outcome.words
    assert plant.closed == []
    assert plant.pollers == pollers
    assert plant.fold.pipeline.site == SITE
    assert plant.reloader.site == SITE
    assert plant.used == []
    assert plant.kinds() == ["config_refused"]
    assert not [given for given in plant.inputs if isinstance(given, Setting)]
    assert state.about == plant.fold.state.about


async def test_a_config_that_breaks_the_fold_in_the_end_gives_the_old_one_back(make, monkeypatch) -> None:
    plant = make()
    await plant.run(0.5)
    monkeypatch.setattr(
        plant.fold, "expect", lambda *_: None
    )  # so that it is compiled again, and breaks this time
    real = Pipeline.__init__

    def broken(self, site) -> None:
        if site == ADDED:
            raise MemoryError
        real(self, site)

    ready = plant.reloader._ready  # noqa: SLF001

    def prepared(*given):
        found = ready(*given)
        monkeypatch.setattr(Pipeline, "__init__", broken)
        return found

    monkeypatch.setattr(plant.reloader, "_ready", prepared)
    outcome = await plant.apply(ADDED)
    assert outcome.code == 78
    assert plant.fold.pipeline.site == SITE
    assert plant.closed == ["b3"]
    await plant.run(0.5)
    assert set(plant.pollers) == {"b1", "b2", "b3"}
    assert [given.body["hash"] for given in plant.inputs if isinstance(given, Setting)][-1] == digest(
        to_plain(SITE)
    )
    assert plant.of("d3/fast")[-1] > plant.clock.boottime_ns() - 200 * MS


async def test_the_same_config_changes_nothing_and_tells_nothing(make) -> None:
    plant = make()
    await plant.run(0.2)
    outcome = await plant.apply(replace(SITE))
    assert (outcome.code, outcome.changes, plant.kinds()) == (0, (), [])
