"""Columns read back: texts of any length, the first format, chunks older than their config or of another shape."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.journal.chunk import Chunk
from gateway.journal.merging import due
from gateway.journal.sealing import seal
from gateway.layout import Field
from gateway.model import NumberedInput, Reading
from tests.unit.journal.plant import HOUR_NS, T0, Plant, commit, config, make_group, make_site
from tests.unit.journal.test_edges_of_merging import rows_at

AT = "hall/line1/press1/"


def sealed(journal) -> int:
    return sum(asyncio.run(journal.put_sealed(each)) for each in list(seal(journal.folder, 1 << 40)))


def columns_of(journal) -> dict[str, list[object]]:
    with JournalReader(journal.folder) as reader:
        return {tag: part.values.tolist() for tag, part in reader.window(T0, T0 + HOUR_NS).items()}


@pytest.mark.parametrize("words", [1, 2, 3, 4])
def test_a_text_of_as_many_words_as_a_number_stays_a_text(journal, words) -> None:
    group = make_group(fields={"name": Field("string", words=words), "level": Field("int16")})
    plant = Plant(3, group)
    readings = [NumberedInput(seq, plant.reading(T0 + seq)) for seq in range(2, 6)]
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(group), "h1")), *readings]))
    hot = columns_of(journal)
    assert sealed(journal) == 1
    assert columns_of(journal) == hot
    assert [len(text) for text in hot[AT + "name"]] == [2 * words] * 4  # type: ignore[arg-type]


def test_what_was_sealed_before_its_config_was_known_is_read_with_it(journal) -> None:
    plant = Plant(3)
    readings = [NumberedInput(seq, plant.reading(T0 + seq)) for seq in range(1, 5)]
    asyncio.run(commit(journal, readings))
    assert sealed(journal) == 1
    asyncio.run(commit(journal, [NumberedInput(5, config(make_site(plant.group), "h1"))]))
    given = [each.input.values.tolist() for each in readings if isinstance(each.input, Reading)]
    read = columns_of(journal)
    rows = zip(*(read[point.tag] for point in plant.group.points), strict=True)
    numbers = [index for index, field in enumerate(plant.layout.fields) if field.type != "string"]
    assert [[row[n] for n in numbers] for row in rows] == [[row[n] for n in numbers] for row in given]


@pytest.mark.parametrize(
    "other",
    [{"a": Field("int16"), "b": Field("int16")}, {"a": Field("int16")}, {"a": Field("float64")}],
)
def test_readings_of_another_shape_than_their_config_are_not_shown_as_its_values(journal, other) -> None:
    """As when a poll was under way while the config changed."""
    known, meant = make_group(fields={"a": Field("uint32")}), make_group(fields=other)
    plant = Plant(3, meant)
    readings = [NumberedInput(seq, plant.reading(T0 + seq)) for seq in range(2, 6)]
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(known), "h1")), *readings]))
    assert not any(columns_of(journal).values())
    assert sealed(journal) == 1
    assert not any(columns_of(journal).values())


def test_the_quality_of_a_point_is_read_of_chunks_of_the_first_format_too() -> None:
    """Their columns are zstd frames: what they begin with says nothing of a constant."""
    told = json.loads((Path(__file__).parents[2] / "vectors" / "chunks" / "lwc1.json").read_text("utf-8"))
    chunk = Chunk(bytes.fromhex(told["chunk"]))
    whole = chunk.rows().quality
    for point in range(chunk.header.points):
        assert chunk.quality_of(point).tolist() == whole[:, point].tolist()


def test_how_much_is_merged_goes_by_the_fullest_window_and_the_widest_chunk() -> None:
    """At most 12,000 rows and 2^18 values: 6 x 600 x 1 fit, 6 x 600 x 100 do not; nor do twice 1,500 in a window."""
    rows = rows_at(*range(12), count=600, points=1)
    assert [len(each) for each in due(rows, 12)] == [6, 6]
    rows[5] = rows_at(5, count=600, points=100)[0]
    assert [len(each) for each in due(rows, 12)] == [3] * 4
    rows = rows_at(*range(12), count=1_500, points=1)
    assert [len(each) for each in due(rows, 12)] == [6, 6]
    assert [len(each) for each in due([*rows, rows[0]], 12)] == [4, 3, 3, 3]
