"""Rows, keys and sizes at their edges: odd numbers as text, pages of signals, what was taken from the end."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.journal.ballast import Ballast
from gateway.journal.codec import SiteRow, input_of, input_row, site_row, text_of
from gateway.journal.errors import JournalCorrupt
from gateway.journal.ledgerview import PUBLIC
from gateway.journal.lotevents import LotEvents
from gateway.journal.naming import named_in
from gateway.journal.quota import taken
from gateway.journal.verify import verify
from gateway.model import (
    Instant,
    LotChanged,
    NumberedEvent,
    NumberedInput,
    Signal,
    Tick,
)
from tests.unit.journal.plant import (
    T0,
    Plant,
    commit,
)
from tests.unit.journal.test_ledger import EVENTS
from tests.unit.wire import samples


def tick(seq: int) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1)))


def test_numbers_that_readers_of_json_cannot_hold_are_kept_as_text() -> None:
    odd = {
        "low": -(1 << 63),
        "under": -(1 << 63) - 1,
        "high": (1 << 64) - 1,
        "over": 1 << 64,
        "x": 0.5,
        "ok": True,
    }
    assert text_of({**odd, "no": None, "half": "\ud800", 3: [1 << 64, ("a",)]}) == (
        '{"low":-9223372036854775808,"under":"-9223372036854775809","high":18446744073709551615,'
        '"over":"18446744073709551616","x":0.5,"ok":true,"no":null,"half":"?","3":["18446744073709551616",["a"]]}'
    )


def test_what_is_no_row_of_inputs_is_refused() -> None:
    [reading] = Plant().readings(1, 1)
    with pytest.raises(TypeError, match="readings are packed"):
        input_row(1, reading.input)
    row, site = input_row(7, tick(7).input)
    assert (row.kind, site) == ("Tick", None)
    with pytest.raises(JournalCorrupt, match=r"input 7 is damaged: 'Tock' is no kind of input"):
        input_of(row._replace(kind="Tock"), None)


def test_the_same_site_has_the_same_name_whatever_the_order_of_its_words() -> None:
    one, other = site_row({"a": 1, "b": [2]}), site_row({"b": [2], "a": 1})
    assert one == other
    assert isinstance(one, SiteRow)
    assert one.digest != site_row({"a": 1, "b": [3]}).digest


def test_lots_that_come_and_go_are_found_by_tables_of_their_own() -> None:
    made, moved = samples.batch(), LotChanged(T0, "L", "opened", "c", "product", "L")
    assert (list(named_in(made)), list(named_in(moved))) == ([], [])


def test_special_causes_are_found_on_every_page(journal, monkeypatch) -> None:
    signal = next(each.event for each in samples.every_kind().events if isinstance(each.event, Signal))
    events = [
        NumberedEvent(n + 1, 0, replace(signal, time_ns=T0 + n // 2, tag=f"t{n}", contributions={}))
        for n in range(7)
    ]
    asyncio.run(commit(journal, [tick(1)], events))
    view = LotEvents(journal.folder)
    for page in (1, 2, 3, 7, 8):
        monkeypatch.setattr("gateway.journal.lotevents.PAGE", page)
        assert view.signalled(T0, T0 + 9) == {f"t{n}" for n in range(7)}
        assert view.signalled(T0 + 1, T0 + 3) == {"t2", "t3", "t4", "t5"}
    view.close()


def test_a_file_that_goes_while_the_folder_is_measured_costs_no_other(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"gone{number}").symlink_to(tmp_path / "nowhere")
        (tmp_path / f"file{number}").write_bytes(bytes(5_000))
    blocks = sum(path.stat().st_blocks for path in tmp_path.glob("file*"))
    assert taken(tmp_path) == blocks * 512 >= 12 * 5_000


def test_a_ballast_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    """Others were quicker: there was room when it was looked for."""
    ballast = Ballast(tmp_path, 1 << 55, lambda _: (1 << 62, 1 << 60))
    ballast.begin()
    assert (ballast.held, ballast.given, ballast.short, ballast.path.exists()) == (False, False, False, False)


def test_a_public_key_that_is_none_is_named(journal) -> None:
    with JournalReader(journal.folder) as reader:
        assert reader.ledger.key() is None
        (journal.folder / PUBLIC).write_text("x")
        with pytest.raises(JournalCorrupt, match=rf"{PUBLIC}: "):
            reader.ledger.key()


def test_leaves_that_were_taken_from_the_end_are_missed(journal) -> None:
    asyncio.run(commit(journal, [tick(1)], [NumberedEvent(1, 0, EVENTS[0])]))
    asyncio.run(commit(journal, [tick(2)]))
    with sqlite3.connect(journal.path) as db:
        db.execute("DELETE FROM leaves WHERE n = 2")
    with JournalReader(journal.folder) as reader:
        assert verify(reader, None).findings == ["inputs 2 to 2 are in no leaf: they were put in"]
    with sqlite3.connect(journal.path) as db:
        db.execute("INSERT INTO nodes (level, n, hash) VALUES (1, 9, x'00')")
        db.execute("DELETE FROM inputs WHERE seq = 2")
    with JournalReader(journal.folder) as reader:
        assert verify(reader, None).findings == ["1 nodes are of no leaves"]
