"""The memory of slots against a plain list of everything."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.bank.memory import PAGE, PAGES, Memory, begun, chosen, empty, joined, push, recall
from gateway.plain import from_plain, to_plain

SLOTS = 3


def after(count: np.ndarray) -> dict[str, np.ndarray]:
    """States of a chart that counts its samples."""
    return {"n": count.astype(np.float64)}


def filled(turns: list[list[int]], width: int = 1) -> tuple[Memory, list[list[tuple[int, float]]]]:
    """A memory after some rows, each a sample for some slots, and the same as lists."""
    memory = empty(SLOTS, width, after(np.zeros(SLOTS)))
    known: list[list[tuple[int, float]]] = [[] for _ in range(SLOTS)]
    count = np.zeros(SLOTS)
    for time_ns, slots in enumerate(turns):
        index = np.array(sorted(set(slots)), dtype=np.intp)
        count[index] += 1
        samples = np.array([[100.0 * slot + time_ns + 0.5] * width for slot in index.tolist()])
        memory = push(memory, index, samples.reshape(len(index), width), time_ns, after(count))
        for slot in index.tolist():
            known[slot].append((time_ns, 100.0 * slot + time_ns + 0.5))
    return memory, known


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, SLOTS - 1), min_size=1, max_size=3), max_size=400))
def test_it_remembers_the_last_samples_and_the_state_before_them(turns):
    memory, known = filled(turns)
    for slot in range(SLOTS):
        found = recall(memory, slot)
        total, kept = len(known[slot]), len(found.samples)
        assert min(total, PAGE * PAGES) <= kept < PAGE * (PAGES + 1)
        assert (
            list(zip(found.times.tolist(), found.samples[:, 0].tolist(), strict=True))
            == known[slot][total - kept :]
        )
        assert found.before["n"].tolist() == [total - kept]


def test_a_push_leaves_older_memories_alone():
    memory, _ = filled([[0, 1, 2]] * 20)
    before = json.dumps(to_plain(memory))
    push(memory, np.array([0, 2]), np.array([[1.0], [2.0]]), 99, after(np.full(SLOTS, 21)))
    assert json.dumps(to_plain(memory)) == before


def test_a_chart_that_begins_anew_forgets():
    memory, known = filled([[0, 1, 2]] * 40)
    memory = begun(memory, np.array([1]), after(np.array([7.0])))
    assert recall(memory, 1).samples.size == 0
    assert recall(memory, 1).before["n"].tolist() == [7.0]
    assert len(recall(memory, 0).samples) == len(known[0])


def test_slots_are_cut_and_joined():
    memory, _ = filled([[0], [1], [0, 2]] * 30)
    both = joined(chosen(memory, np.array([2])), chosen(memory, np.array([0])))
    assert recall(both, 0).samples.tolist() == recall(memory, 2).samples.tolist()
    assert recall(both, 1).times.tolist() == recall(memory, 0).times.tolist()


def test_it_can_be_stored():
    memory, _ = filled([[0, 1], [2]] * 30, width=3)
    back: Memory = from_plain(Memory, json.loads(json.dumps(to_plain(memory))))
    assert recall(back, 0).samples.tobytes() == recall(memory, 0).samples.tobytes()
    assert recall(back, 2).before["n"].tolist() == recall(memory, 2).before["n"].tolist()
