"""Random histories of a ledger against a plain set: nothing that is owed is ever forgotten, nothing is taken twice."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.publish.ledger import Ledger, runs

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["commit", "take", "ack", "refuse", "lose", "drop", "cut", "later"]),
        st.integers(1, 9),
    ),
    max_size=60,
)


@given(STEPS)
def test_a_ledger_agrees_with_a_set(steps):
    ledger, now = Ledger(), 0
    acked: set[int] = set()
    refused: dict[int, int] = {}
    parcels: list[tuple[int, list[int]]] = []
    for step, number in steps:
        if step == "commit":
            ledger.last += number
        elif step == "take":
            run = ledger.owed(number, now)
            away = {seq for _, seqs in parcels for seq in seqs} | {
                seq for seq, at in refused.items() if at > now
            }
            owed = sorted(set(range(1, ledger.last + 1)) - acked - away)
            assert (run is None) == (not owed)
            if run is not None:
                seqs = list(range(run[0], run[1] + 1))
                assert run[0] == owed[0]
                assert set(seqs) <= set(owed)
                assert len(seqs) <= number
                parcels.append((ledger.take(*run), seqs))
        elif step in ("ack", "refuse", "drop") and parcels:
            parcel, seqs = parcels.pop(number % len(parcels))
            some = seqs[: len(seqs) * number // 9] if step != "drop" else []
            if step == "ack":
                ledger.acknowledge(some)
                acked.update(some)
            else:
                ledger.refuse(some, now + number)
                refused.update(dict.fromkeys(some, now + number))
            ledger.close(parcel)
        elif step == "lose":
            ledger.lose([(number, number + 3)])
            acked -= set(range(number, number + 4))
        elif step == "cut":
            ledger.close_all()
            parcels.clear()
        elif step == "later":
            now += number
        assert ledger.behind() == ledger.last - len(acked)
        prefix = next(n for n in range(ledger.last + 1) if n + 1 not in acked)
        assert ledger.prefix() == prefix


@given(st.sets(st.integers(1, 60)))
def test_runs_are_what_they_were_made_of(seqs):
    made = runs(sorted(seqs))
    assert {seq for first, last in made for seq in range(first, last + 1)} == seqs
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(made))
