"""Any-trace: which lots can hold anything of which, against going from lot to lot; and the file that keeps it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gateway.journal import JournalReader, Replica, links
from gateway.model import Identity
from tests.unit.journal.genealogy import Shop, shop

WHO = Identity("a", "gw1", "e1")


@pytest.fixture
def kept(tmp_path, monkeypatch) -> tuple[Path, Shop]:
    """A journal of which also few lots are kept."""
    monkeypatch.setattr(links, "KEPT_FROM", 5)
    made = shop()
    with Replica.open(tmp_path, WHO) as replica:
        replica.store([], made.events)
    return tmp_path, made


def walked(made: Shop, lot: str) -> set[str]:
    """What it went into, from lot to lot."""
    into = {name for name, each in made.made.items() if any(edge.lot == lot for edge in each.inputs)}
    return into.union(*(walked(made, each) for each in into))


def asked(folder: Path, upto: int | None = None) -> links.Links:
    with JournalReader(folder) as reader:
        return reader.links() if upto is None else reader.links(upto)


def test_both_ways_it_is_what_going_from_lot_to_lot_finds(kept) -> None:
    folder, made = kept
    found = asked(folder)
    for lot in made.made:
        after = walked(made, lot)
        assert sorted(found.reached([lot], forward=True)) == sorted(after)
        before = {each for each in made.made if lot in walked(made, each)}
        assert sorted(found.reached([lot], forward=False)) == sorted(before)
        shipments = {each for each in after if made.made[each].kind == "shipment"}
        assert set(found.reached([lot], forward=True, kind="shipment")) == shipments
    assert found.reached(["nowhere"], forward=True) == []
    assert found.reached(["R1"], forward=True, kind="sack") == []
    assert sorted(found.reached(["X1", "P1"], forward=True)) == ["S1"]
    assert (found.number("nowhere"), found.number("A"), found.number("ZZ")) == (None, None, None)
    assert found.by_kind(made.made) == Counter(each.kind for each in made.made.values())


def test_they_are_kept_and_never_used_when_there_are_more(kept) -> None:
    folder, made = kept
    file = folder / links.NAME
    first = asked(folder)
    data = file.read_bytes()
    again = asked(folder)
    assert file.read_bytes() == data
    assert (again.names.tolist(), again.kinds) == (first.names.tolist(), first.kinds)
    assert sorted(again.reached(["R1"], forward=True)) == sorted(first.reached(["R1"], forward=True))
    made.lot("S9", "shipment", [("X1", 1.0)])
    with Replica.open(folder, WHO) as replica:
        replica.store([], made.events[-1:])
    assert "S9" in asked(folder).reached(["R1"], forward=True)
    assert file.read_bytes() != data
    assert [path.name for path in folder.glob(f"{links.NAME}*")] == [links.NAME]


@pytest.mark.parametrize("damage", [b"", b"no archive", "half"])
def test_a_file_that_is_not_whole_is_made_again(kept, damage) -> None:
    folder, _ = kept
    asked(folder)
    file = folder / links.NAME
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] if damage == "half" else damage)
    assert "S1" in asked(folder).reached(["R1"], forward=True)
    assert len(file.read_bytes()) == len(data)


def test_what_was_known_at_an_event_is_neither_kept_nor_taken_from_what_is(kept) -> None:
    folder, made = kept
    before = asked(folder, 8)
    assert not (folder / links.NAME).exists()
    names = [each.event.lot for each in made.events[:8]]
    assert set(before.reached(["R1"], forward=True)) == walked(made, "R1") & set(names)
    asked(folder)
    assert set(asked(folder, 8).reached(["R1"], forward=True)) == walked(made, "R1") & set(names)


def test_of_few_lots_and_of_none_nothing_is_kept(tmp_path) -> None:
    with Replica.open(tmp_path, WHO) as replica:
        assert asked(tmp_path).reached(["R1"], forward=True) == []
        replica.store([], shop().events)
    asked(tmp_path)
    assert not (tmp_path / links.NAME).exists()
