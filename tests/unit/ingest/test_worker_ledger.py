"""The worker as a witness: leaves and heads are kept, what does not fit is told in words and in `stored`."""

from __future__ import annotations

import logging

import pytest

from gateway.ingest.inbox import Delivery
from gateway.proof.checkpoint import signed
from gateway.proof.head import Head, origin_of
from gateway.proof.leaf import Leaf, Span
from gateway.proof.note import SigningKey
from gateway.wire import Checkpoint, WireLeaf, checkpoint, leaves, parse_stored, site_topic
from tests.unit.ingest.test_worker import ScriptedInbox, Stage
from tests.unit.wire import samples

KEY = SigningKey(origin_of(samples.IDENTITY), bytes(range(32)))
LEAVES = [Leaf(0, Span(0, 0), Span(0, 0)), Leaf(1, Span(3, 3), Span(0, 0), (b"\x01" * 32, b"", b""))]


def leaf_message(some: list[Leaf]) -> Delivery:
    payload = leaves(samples.IDENTITY, [WireLeaf(*leaf.row()) for leaf in some])
    return Delivery(site_topic("north", "leaf"), payload, 1, 1)


def head_message(head: Head) -> Delivery:
    said = Checkpoint(samples.IDENTITY, 5, KEY.public.line(), signed(head, KEY))
    return Delivery(site_topic("north", "checkpoint"), checkpoint(said), 1, 2)


def told(here: Stage) -> tuple[int | None, str]:
    here.advance(2)
    here.worker.turn()
    said = parse_stored(here.inbox.said[-1][1])
    return said.leaves, said.alarm


def test_leaves_are_kept_and_said(tmp_path, caplog) -> None:
    other = Leaf(1, Span(3, 3), Span(0, 0), (b"\x02" * 32, b"", b""))
    inbox = ScriptedInbox([leaf_message(LEAVES[1:])], [leaf_message(LEAVES)], [leaf_message([other])])
    here = Stage(tmp_path, inbox)
    here.worker.turn()
    assert told(here) == (2, "")
    with caplog.at_level(logging.ERROR):
        here.worker.turn()
    assert "was forked" in caplog.text
    assert told(here) == (2, "fork")
    assert len(inbox.acknowledged) == 3
    here.replicas.close()


def test_a_head_that_does_not_fit_is_told(tmp_path, caplog) -> None:
    forked = head_message(Head(KEY.public.name, 2, b"\x09" * 32))
    here = Stage(tmp_path, ScriptedInbox([leaf_message(LEAVES), forked]))
    with caplog.at_level(logging.ERROR):
        here.turns()
    assert "has another root" in caplog.text
    assert told(here) == (2, "fork")
    here.replicas.close()


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (site_topic("north", "leaf"), b"{}"),
        (site_topic("north", "checkpoint"), b"x"),
        (site_topic("other", "leaf"), leaf_message(LEAVES).payload),
        (
            site_topic("north", "leaf"),
            leaf_message(LEAVES).payload.replace(b'"trees":[0,1]', b'"trees":[0,3]'),
        ),
        (site_topic("north", "leaf"), leaf_message(LEAVES).payload.replace(b'"roots":"', b'"roots":"*')),
        (site_topic("north", "leaf"), leaf_message(LEAVES).payload.replace(b'"trees":[0,1]', b'"trees":[]')),
    ],
)
def test_what_is_not_ours_is_put_aside(topic: str, payload: bytes, tmp_path) -> None:
    here = Stage(tmp_path, ScriptedInbox([Delivery(topic, payload, 1, 1)]))
    here.turns()
    assert here.dead.count == 1
    here.replicas.close()


def test_a_lot_named_leaf_is_a_lot(tmp_path) -> None:
    here = Stage(tmp_path, ScriptedInbox([Delivery(site_topic("north", "lot", "leaf"), b"{}", 1, 1)]))
    here.turns()
    assert here.dead.count == 1  # it is read as a lot, and is none
    here.replicas.close()
