"""Two suppliers' sites in one folder: what acme made went into what beta makes."""

from __future__ import annotations

from dataclasses import replace

from gateway.journal import Replica
from gateway.model import (
    AlarmChanged,
    Composition,
    Entry,
    Identity,
    Ingredient,
    Instant,
    LotChanged,
    LotMade,
    NumberedEvent,
    NumberedInput,
    Severity,
    Signal,
)
from gateway.proof.note import SigningKey
from gateway.site import User
from tests.unit.journal.plant import T0, Plant, config
from tests.unit.repository.plant import site as one_site

S = 1_000_000_000
CELL = "hall/line1/press1"
SHARED = "ACME-PART-1"  # acme made it, beta took it in
WORDS = {"acme": "ZINNOBER", "beta": "INDIGO"}
"""In every name and text of a site, and of no other."""
KEY = SigningKey("operator-17", bytes(32))
SEVENTEEN = User("17", KEY.public.line(), ("acknowledge", "hold", "note"))


def lots(name):
    """(lot, what it is made of), of a site."""
    word = WORDS[name]
    if name == "acme":
        return [(f"RESIN-{word}", ()), (SHARED, (f"RESIN-{word}",)), (f"BOX-{word}", (SHARED,))]
    return [(SHARED, ()), (f"RESIN-{word}", ()), (f"BOX-{word}", (SHARED, f"RESIN-{word}"))]


def events_of(name):
    word = WORDS[name]
    alarm = AlarmChanged(
        T0 + 50 * S, f"alarm-{word}", 1, "active", "signal", Severity.ALARM, f"{CELL}/temp", "temp",
        f"do {word}", (f"BOX-{word}",), {"sentence": f"it drifts {word}"},
    )  # fmt: skip
    found = [Signal(T0 + 50 * S, "temp", f"{CELL}/temp", "imr", "", ("WE1",), 1, 0, -1, 1, 3.0), alarm]
    for at, (lot, parents) in enumerate(lots(name)):
        time_ns = T0 + (60 + 10 * at) * S
        shares = Composition((lot,), ((1.0,),), (0.0,), (0.0,), ((1.0, 0, 0, 0, 0, 0, 0, 0, 0),))
        inputs = tuple(Ingredient(parent, 5.0, 0.01) for parent in parents)
        kind = "box" if parents else "material"
        found += [
            LotChanged(time_ns, lot, "opened", CELL, "product", f"code {lot}", parents),
            LotMade(time_ns, lot, kind, CELL, 10.0, 0.01, inputs, shares, facts={"order": f"PO {word}"}),
        ]
    return found


def identity(name):
    return Identity(name, f"gw-{name}", "e1")


def replica(folder, name):
    """Of a site, in a folder of many."""
    return Replica.open(folder / name / f"gw-{name}-e1", identity(name))


def settled(name, users=(SEVENTEEN,)):
    return replace(one_site(), site=name, gateway=f"gw-{name}", users=users)


def fill(folder, name):
    """What has come of a site."""
    word, events = WORDS[name], events_of(name)
    hold = Entry("hold", Instant(T0 + 100 * S, 100 * S, 1), "17", {"lot": f"BOX-{word}", "reason": word})
    inputs = [NumberedInput(1, config(settled(name), word)), NumberedInput(2, hold)]
    inputs += Plant().readings(3, 120)
    with replica(folder, name) as made:
        made.store(inputs, [NumberedEvent(seq, 2, event) for seq, event in enumerate(events, 1)])
