"""A lot that is whole over the wire: it comes back equal, and what does not hang together is refused with a reason."""

from __future__ import annotations

import orjson
import pytest

from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines
from gateway.model import Block, NumberedEvent
from gateway.wire import Eras, NotOurs, messages, parse
from tests.unit.wire import samples

MADE = NumberedEvent(5, 2, samples.batch())
(MESSAGE,) = messages(samples.IDENTITY, Block((), (MADE,)), Eras())
TOPIC = MESSAGE.topic


def changed(**given) -> bytes:
    return orjson.dumps({**orjson.loads(MESSAGE.payload), **given})


def composed(**given) -> bytes:
    return changed(composition={**orjson.loads(MESSAGE.payload)["composition"], **given})


def test_it_comes_back_equal():
    assert parse(TOPIC, MESSAGE.payload).events == (MADE,)
    assert (TOPIC, MESSAGE.retain) == ("lotwatch/v1/north/made/B%2F7", False)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (changed(kg=-1.0), "made.kg"),
        (changed(kg="nan"), "made.kg"),
        (changed(version=0), "version below 1"),
        (changed(inputs=[{"lot": "P-1"}]), "not a plain LotMade"),
        (changed(inputs=[{"lot": "P-1", "kg": "inf"}]), "made.inputs.kg"),
        (changed(inputs=[{"lot": "P\0", "kg": 1}]), "made.inputs.lot"),
        (changed(inputs=[{"lot": 7, "kg": 1}]), "made.inputs"),
        (changed(inputs=[{"lot": "P-1", "kg": 1, "mixing": "stirred"}]), "mixing"),
        (composed(sources=["P-1"]), "shares has a row that is not of 1"),
        (composed(sources=["P-1", "P-1"]), "a source twice"),
        (composed(sources=["P-1", "P\0"]), "made.composition.sources"),
        (composed(shares=[]), "neither one row nor two"),
        (composed(shares=[[0.5, -0.5], [0.5, 0.5]]), "made.composition.shares"),
        (composed(sigma=[0.1]), "sigma, rest or passes"),
        (composed(rest=[0.1]), "sigma, rest or passes"),
        (composed(passes=[[1.0] * 9, [1.0] * 8]), "passes has a row that is not of 9"),
        (composed(recycled=[]), "recycled"),
        (composed(recycled_sigma="inf"), "made.composition"),
    ],
)
def test_what_does_not_hang_together_is_refused(payload, said):
    with pytest.raises(NotOurs, match=said):
        parse(TOPIC, payload)


def test_its_line_has_mass_and_bounds_as_fields_and_no_source():
    (line,) = Lines("north", "gw1", KINDS["influxdb"], "ns").events([MADE])
    assert line == (
        "lot,area=hall,cell=press1,kind=batch,line=line1,lot=B/7,site=north kg=100.0,sigma_kg=0.5,"
        "regrind_low=0.09999999999999998,regrind_high=0.19999999999999996,regrind_sigma=0.004,recycled=0.06,"
        f"rest=1e-06,sources=2i,inputs=2i,version=1i,seq=5i {samples.T0}"
    )
