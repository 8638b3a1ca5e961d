"""Bytes that no browser sends, each found by `benchmarks reliability --row http`: answered, and not by 500."""

from __future__ import annotations

import pytest

from benchmarks.reliability.inputs.web import HOST, Asked, answered, served
from tests.unit.repository.plant import fill

OURS = ((b"host", HOST.encode()),)


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    fill(folder / "data")
    (folder / "people").mkdir()
    made = served(folder)
    yield made
    made.app.state.close()


@pytest.mark.parametrize("path", ["/static/x", "/vendor/x", "/words/x"])
async def test_a_query_that_is_not_utf_8_of_a_file(at, path):
    """starlette's request.url reads the query as UTF-8, and raised."""
    assert await answered(at, Asked("GET", path, b"\x8b\xad", OURS, (b"",))) == "404"


async def test_the_link_to_the_next_page_beside_such_a_query(at):
    assert await answered(at, Asked("GET", "/epcis/events", b"perPage=1&x=\x8b", OURS, (b"",))) in (
        "200",
        "400",
    )
    assert await answered(at, Asked("GET", "/epcis/events", b"perPage=1", OURS, (b"",))) == "200"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/shift.json", b"day=9999-12-31"),
        ("/balance.json", b"week=9999-W52"),
        ("/score.json", b"month=9999-12"),
        ("/score.json", b"month=--"),
    ],
)
async def test_times_that_are_none(at, path, query):
    """The year 9999 is one of `date`, and none of a time in 64 bits; a plant without a config asks nobody else."""
    assert await answered(at, Asked("GET", path, query, OURS, (b"",))) == "404"
