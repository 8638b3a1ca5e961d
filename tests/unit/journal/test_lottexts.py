"""Lots for one question: the same events and the same canonical bytes as one by one, whatever form their rows have."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from gateway.journal import open_readers
from gateway.journal.database import NAME
from gateway.journal.lottexts import CUT
from gateway.model import LotMade
from gateway.plain import to_plain
from gateway.proof.canonical import event_bytes
from tests.unit.recall.plants import NORTH, made, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "data", "north", NORTH)


def changed(folder: Path, statement: str, *given: object) -> None:
    with sqlite3.connect(folder / NAME) as db:
        db.execute(statement, given)
    db.close()


def test_texts_with_their_compositions_are_the_canonical_bytes(folder) -> None:
    with open_readers(folder)[0] as reader:
        lots = reader.many_lots()
        for number, known in enumerate(made(NORTH), 1):
            event = known.event
            assert isinstance(event, LotMade)
            if number % 2:  # out of what is remembered, and out of its row
                assert lots.made(event.lot) == event
            assert lots.newest_seq(event.lot) == known.seq
            text = lots.text(known.seq)
            assert text is not None
            assert CUT + b"," in text.text
            assert lots.whole(text) == event_bytes(known)
        assert (lots.made("nobody"), lots.newest_seq("nobody"), lots.text(99)) == (None, None, None)


def test_rows_of_before_say_what_has_its_default(folder) -> None:
    known = made(NORTH)[3]
    plain = to_plain(known.event)
    for name in ("is", "time_ns", "composition"):
        del plain[name]
    changed(folder, "UPDATE events SET body = ? WHERE seq = 4", orjson.dumps(plain).decode())
    with open_readers(folder)[0] as reader:
        lots = reader.many_lots()
        text = lots.text(4)
        assert text is not None
        assert lots.whole(text) == event_bytes(known)
        assert lots.made("C-1") == known.event


def test_a_row_with_its_own_composition(folder) -> None:
    known = made(NORTH)[3]
    assert isinstance(known.event, LotMade)
    known = known._replace(event=replace(known.event, sigma_kg=math.inf))
    plain = to_plain(known.event)
    del plain["is"], plain["time_ns"]
    changed(folder, "UPDATE events SET body = ? WHERE seq = 4", orjson.dumps(plain).decode())
    with open_readers(folder)[0] as reader:
        lots = reader.many_lots()
        text = lots.text(4)
        assert text is not None
        assert lots.whole(text) == event_bytes(known)


def test_rows_that_cannot_be_read_have_no_text(folder) -> None:
    changed(folder, "UPDATE events SET body = '{' WHERE seq = 4")
    changed(folder, "UPDATE events SET kind = 'Signal' WHERE seq = 5")
    with open_readers(folder)[0] as reader:
        lots = reader.many_lots()
        assert (lots.text(4), lots.text(5)) == (None, None)
        assert {each.seq for each in reader.ledger.prove_lots([1, 2, 4, 5, 9], 5, lots)} == {1, 2, 9}
