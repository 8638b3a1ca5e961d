"""A Parquet file says what the journal says, value for value, read back by pyarrow."""

from __future__ import annotations

import shutil
import sys
from decimal import Decimal
from itertools import pairwise

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.journal import JournalReader, Replica
from gateway.journal.series import Series
from gateway.layout import Field
from gateway.model import BAD_FROM, Identity, LotChanged, NumberedEvent, NumberedInput, Quality, Reading
from gateway.parquet.points import Tag
from gateway.parquet.wide import Wide, WideUnfit
from tests.unit.journal.plant import T0, Plant, config, make_group, make_site

S = 1_000_000_000
CELL = "hall/line1/press1"
GROUP = make_group(
    "press1/fast",
    {
        "temp": Field("float32", order="CDAB"),
        "total": Field("uint64"),
        "signed": Field("int64"),
        "level": Field("int16", scale="0.1"),
        "open": Field("bit"),
        "name": Field("string", words=3),
        "one": Field("uint16", mask=0x10),
    },
)
SLOW = make_group("scale/slow", {"mass": Field("float64")})


def lot(seq, at, name, change, role="product"):
    return NumberedEvent(seq, 0, LotChanged(T0 + at * S, name, change, CELL, role, f"]C1{name}"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """20 minutes of two devices, with 64-bit numbers, texts, bad values, and lots."""
    folder = tmp_path_factory.mktemp("data")
    press, scale = Plant(1, GROUP), Plant(2, SLOW)
    readings = press.readings(2, 240, step_s=5)
    for _, given in readings[::3]:
        assert isinstance(given, Reading)
        given.raw[2:10] = 0xFFFF  # 2^64 - 1, and -1
        given.raw[6] = 0x8000  # near -2^63
    inputs = [NumberedInput(1, config(make_site(GROUP, SLOW), "h1")), *readings]
    inputs += scale.readings(242, 40, T0 + 77 * S, step_s=30)
    again = scale.readings(282, 1, T0 + 100 * S)[0].input
    inputs += [NumberedInput(282, again), NumberedInput(283, again)]  # twice at one instant
    events = [
        lot(1, 100, "L1", "opened"),
        lot(2, 300, "R1", "opened", "material"),
        lot(3, 400, "L1", "closed"),
        lot(4, 350, "L2", "opened"),
    ]
    with Replica.open(folder / "a" / "gw1-e1", Identity("plant", "gw1", "e1")) as replica:
        replica.store(inputs, events)
        replica.seal(T0 + 600 * S)
    return folder


@pytest.fixture
def twins(data, tmp_path):
    """The same, and a site whose cells have the same names and other lots."""
    folder = tmp_path / "twins"
    shutil.copytree(data, folder)
    with Replica.open(folder / "b" / "gw1-e2", Identity("other", "gw1", "e2")) as replica:
        head = NumberedInput(1, config(make_site(GROUP), "h1"))
        replica.store([head, *Plant(3, GROUP).readings(2, 20)], [lot(1, 0, "X9", "opened")])
    return folder


def export(data, target, *words, code=0):
    found = CliRunner().invoke(
        main, ["export", "parquet", "--data", str(data), "-o", str(target), *words], catch_exceptions=False
    )
    assert found.exit_code == code, found.output
    return found


def series_of(data) -> dict[str, Series]:
    with JournalReader(data / "a" / "gw1-e1") as reader:
        return reader.window(0, 2**62)


def expected(series: Series) -> list[tuple[int, object, str]]:
    """Time, value, quality; None where bad."""
    names = {int(each): each.name.lower() for each in Quality}
    rows = zip(series.time_ns.tolist(), series.values.tolist(), series.quality.tolist(), strict=True)
    return [(time, None if code >= BAD_FROM else value, names[code]) for time, value, code in rows]


def test_the_long_form_is_the_journal_value_for_value(data, tmp_path) -> None:
    export(data, tmp_path / "all.parquet")
    table = pq.read_table(tmp_path / "all.parquet")
    names = [f"{CELL}/{name}" for name in ("temp", "total", "signed", "level", "open", "name", "one")]
    rows = table.cast(table.schema.set(6, table.schema.field("time").with_type(pa.int64()))).to_pylist()
    told: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        told.setdefault("/".join(str(row[key]) for key in ("area", "line", "cell", "point")), []).append(row)
    found = series_of(data)
    assert sorted(told) == sorted([*names, "hall/line1/scale/mass"]) == sorted(found)
    for tag, series in found.items():
        assert len(told[tag]) == len(series)
        for row, (time, value, quality) in zip(told[tag], expected(series), strict=True):
            assert (row["time"], row["quality"], row["site"], row["gateway"]) == (
                time,
                quality,
                "plant",
                "gw1",
            )
            if isinstance(value, str) or value is None:
                assert (row["text"], row["value"], row["whole"]) == (value, None, None)
            else:
                assert (row["text"], row["value"]) == (None, float(value))  # type: ignore[arg-type] # a number
                assert row["whole"] == (Decimal(value) if type(value) is int else None)
    wholes = {row["whole"] for row in told[f"{CELL}/total"]}
    assert Decimal(2**64 - 1) in wholes
    signed = {row["whole"] for row in told[f"{CELL}/signed"]}
    assert any(isinstance(each, Decimal) and each < -(2**62) for each in signed)


def test_the_wide_form_is_the_journal_value_for_value(data, tmp_path) -> None:
    found = export(data, tmp_path / "wide.parquet", "--wide", "--json")
    said = orjson.loads(found.stdout)
    table = pq.read_table(tmp_path / "wide.parquet")
    assert said["rows"] == len(table)
    times = table["time"].cast("int64").to_pylist()
    for tag, series in series_of(data).items():
        values, quality = table[tag].to_pylist(), table[f"{tag} quality"].to_pylist()
        rows = zip(times, values, quality, strict=True)
        assert sorted((row for row in rows if row[2] is not None), key=lambda row: row[0]) == expected(series)
    kinds = {field.name.rpartition("/")[2]: str(field.type) for field in table.schema if "/" in field.name}
    assert (kinds["temp"], kinds["total"], kinds["signed"]) == ("float", "uint64", "int64")
    assert (kinds["level"], kinds["open"], kinds["name"], kinds["mass"]) == (
        "double",
        "bool",
        "string",
        "double",
    )
    assert kinds["one"] == "bool"


def test_a_span_and_some_tags(data, tmp_path) -> None:
    target = tmp_path / "some.parquet"
    span = ["--from", "2027-01-15T08:05Z", "--to", "2027-01-15T08:12:30Z", "--tag", "hall/*/temp"]
    export(data, target, *span)
    table = pq.read_table(target)
    assert table["point"].unique().to_pylist() == ["temp"]
    times = np.array(table["time"].cast("int64"))
    assert T0 + 300 * S <= times.min() <= times.max() < T0 + 750 * S
    assert len(times) == 90
    told = orjson.loads(pq.read_schema(target).metadata[b"lotwatch"])
    assert (told["form"], told["journals"]) == ("long", [["plant", "gw1", "e1"]])


def test_lots_that_were_there_then(data, tmp_path) -> None:
    export(data, tmp_path / "lots.parquet", "--lots")
    table = pq.read_table(tmp_path / "lots.parquet", columns=["cell", "time", "lots", "materials"])
    for row in table.cast(table.schema.set(1, table.schema.field("time").with_type(pa.int64()))).to_pylist():
        at = (row["time"] - T0) / S
        products = [
            name for name, since, until in (("L1", 100, 400), ("L2", 350, 9e9)) if since <= at < until
        ]
        here = row["cell"] == "press1"
        assert row["lots"] == (products if here else [])
        assert row["materials"] == (["R1"] if here and at >= 300 else [])


def test_sites_whose_cells_have_one_name_keep_their_lots_apart(twins, tmp_path) -> None:
    export(twins, tmp_path / "lots.parquet", "--lots")
    table = pq.read_table(tmp_path / "lots.parquet", columns=["site", "lots"]).to_pylist()
    told = {
        site: {each for row in table if row["site"] == site for each in row["lots"]}
        for site in ("plant", "other")
    }
    assert told == {"plant": {"L1", "L2"}, "other": {"X9"}}


def test_memory_is_a_row_group(data, tmp_path, monkeypatch) -> None:
    """However long the time: no row group is larger than ten minutes of one tag, or what `CELLS` has room for."""
    monkeypatch.setattr("gateway.parquet.file.CELLS", 1_200)
    export(data, tmp_path / "small.parquet")
    file = pq.ParquetFile(tmp_path / "small.parquet")
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert len(sizes) > 10
    assert max(sizes) <= 120
    assert sum(sizes) == sum(map(len, series_of(data).values()))
    assert all(one + next_ > 100 for one, next_ in pairwise(sizes))


def test_nothing_in_a_span_is_a_file_without_rows(data, tmp_path) -> None:
    export(data, tmp_path / "none.parquet", "--from", "2031-01-01")
    assert len(pq.read_table(tmp_path / "none.parquet")) == 0


def test_what_cannot_be_is_told(data, tmp_path) -> None:
    assert "leave --wide or --lots out" in export(data, tmp_path / "f", "--wide", "--lots", code=2).output
    assert "no tag hall/nothing here" in export(data, tmp_path / "f", "--tag", "hall/nothing", code=1).output
    assert "cannot be written" in export(data, tmp_path / "no" / "f", code=1).output
    assert "no journal and no replicas here" in export(tmp_path, tmp_path / "f", code=2).output
    assert not list(tmp_path.iterdir())
    mixed = {"t": Tag("t", "", frozenset({"float32", "float64"}))}
    assert str(Wide(mixed).schema.field("t").type) == "double"
    with pytest.raises(WideUnfit, match="t was int64 and string at different times"):
        Wide({"t": Tag("t", "", frozenset({"string", "int64"}))})


def test_half_a_file_is_none(data, tmp_path, monkeypatch) -> None:
    (tmp_path / "f").write_bytes(b"the one before")
    monkeypatch.setattr("gateway.parquet.long.Long.tables", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(data, tmp_path / "f")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the one before"]


def test_without_pyarrow_the_way_to_it_is_told(data, tmp_path, monkeypatch) -> None:
    for name in [name for name in sys.modules if name.startswith("gateway.parquet")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "pip install 'lotwatch[parquet]'" in export(data, tmp_path / "f", code=2).output
