"""A lot that passed its check is named in the alarm that held it: a new version, and nothing of the old one is lost."""

from __future__ import annotations

from gateway.alarms.cleared import cleared
from gateway.model import AlarmChanged
from tests.unit.alarms.desk import HOT, Desk

NAMES = {HOT.name}


def test_an_open_alarm_gets_a_version_that_names_the_lot() -> None:
    desk = Desk()
    desk.there(1, ("A", "B"))
    alarms, told = cleared(desk.alarms, NAMES, "A", 7, {"operator": "17"})
    [said] = told
    assert isinstance(said, AlarmChanged)
    assert (said.version, said.state, said.lots) == (2, "active", ("A", "B"))
    assert said.facts is not None
    assert {"amends": 1, "cleared": ["A"], "operator": "17"}.items() <= said.facts.items()
    kept = alarms.get(HOT.name)
    assert kept is not None
    assert kept.version == 2


def test_each_lot_is_named_once_in_the_order_of_its_check() -> None:
    desk = Desk()
    desk.there(1, ("A", "B"))
    alarms, _ = cleared(desk.alarms, NAMES, "B", 7)
    _, told = cleared(alarms, NAMES, "A", 7)
    [said] = told
    assert isinstance(said, AlarmChanged)
    assert said.facts is not None
    assert (said.version, said.facts["cleared"]) == (3, ["B", "A"])


def test_one_that_closed_stays_closed_and_is_found_again() -> None:
    desk = Desk()
    desk.there(1, ("A",))
    desk.says("acknowledge", 2)
    desk.gone(3)
    assert desk.alarms.get(HOT.name) is None
    alarms, told = cleared(desk.alarms, NAMES, "A", 7)
    [said] = told
    assert isinstance(said, AlarmChanged)
    assert said.state == "closed"
    assert alarms.get(HOT.name) is None
    assert [alarm.version for alarm in alarms.past] == [said.version]


def test_a_lot_or_a_cause_that_is_not_in_it_changes_nothing() -> None:
    desk = Desk()
    desk.there(1, ("A",))
    assert cleared(desk.alarms, NAMES, "Z", 7) == (desk.alarms, ())
    assert cleared(desk.alarms, {"limit_LL of another"}, "A", 7) == (desk.alarms, ())
