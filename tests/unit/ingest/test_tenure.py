"""When a partition is taken, left alone, and asked for again: instants are written, none is waited for."""

from __future__ import annotations

from gateway.ingest.roster import parse_word, word
from gateway.ingest.tenure import CALM_NS, DEAD_NS, GRACE_NS, Holder, Tenure

SECOND = 1_000_000_000


class Chance:
    def token(self, nbytes: int) -> bytes:
        return bytes(nbytes)

    def uniform(self) -> float:
        return 0.5


def tenure(*, owner: bool) -> Tenure:
    return Tenure("me", Chance(), owner=owner)


def other(heard_s: float, *, online: bool = True, worker: str = "other") -> Holder:
    return Holder(worker, online, 4, round(heard_s * SECOND))


def due_at(of: Tenure, holder: Holder | None, *, since_s: float = 0.0) -> float:
    """Seconds until it is due, asked every 10 ms."""
    for tick in range(10_000):
        at = round((since_s + tick / 100) * SECOND)
        if of.due(at, holder, known=True):
            return since_s + tick / 100
    return float("inf")


def test_an_owner_takes_its_partition_at_once_even_from_somebody() -> None:
    assert tenure(owner=True).due(0, None, known=False)
    assert tenure(owner=True).due(0, other(0), known=True)


def test_a_standby_waits_until_it_knows_and_takes_what_nobody_has() -> None:
    waits = tenure(owner=False)
    assert not waits.due(0, None, known=False)
    assert not waits.due(100 * SECOND, None, known=False)
    assert 0.3 <= due_at(waits, None, since_s=101) - 101 <= 0.6


def test_a_standby_leaves_alone_who_lives_and_takes_over_from_who_is_gone() -> None:
    waits = tenure(owner=False)
    assert due_at(waits, other(0)) > DEAD_NS / SECOND  # said nothing for so long: gone
    waits = tenure(owner=False)
    assert not waits.due(5 * SECOND, other(4), known=True)
    assert due_at(waits, other(5, online=False), since_s=5) < 6.1


def test_an_owner_whose_connection_broke_comes_before_a_standby() -> None:
    first, second = tenure(owner=True), tenure(owner=False)
    assert first.due(0, None, known=False)
    first.took(0)
    first.dropped(10 * SECOND)
    gone = other(9, online=False, worker="me")
    assert due_at(first, gone, since_s=10) < due_at(second, gone, since_s=10)


def test_who_was_taken_over_does_not_ask_again_while_the_other_lives() -> None:
    me = tenure(owner=True)
    assert me.due(0, None, known=False)
    me.took(0)
    assert me.lost(SECOND) == GRACE_NS[0]
    for at in range(1, 600):
        assert not me.due(at * SECOND, other(at), known=True)
    assert due_at(me, other(600, online=False), since_s=600) < 601


def test_who_is_taken_over_again_and_again_waits_longer_each_time() -> None:
    """By somebody whom the roster does not know, such as an old version with the same client id."""
    me = tenure(owner=True)
    graces = []
    for life in range(8):
        me.took(life)
        graces.append(me.lost(life))
    assert graces[:3] == [2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert graces[-1] == GRACE_NS[1]
    assert due_at(me, None, since_s=0) > 59
    me.took(0)
    assert me.lost(CALM_NS) == GRACE_NS[0]


def test_connections_that_break_at_once_are_dialled_ever_more_slowly() -> None:
    """mosquitto 2.0.11 closes a session that was taken over without a word: it looks like this."""
    me = tenure(owner=True)
    me.took(0)
    waits = []
    at = 0.0
    for _ in range(10):
        me.dropped(round(at * SECOND))
        again = due_at(me, None, since_s=at)
        waits.append(again - at)
        at = again
        me.took(round(at * SECOND))
    assert waits[0] < 0.7
    assert waits[3] > 2 * waits[1]
    assert waits[9] > 50
    me.dropped(round((at + 60) * SECOND))
    assert due_at(me, None, since_s=at + 60) < at + 60.5


def test_two_workers_on_one_partition_come_to_rest() -> None:
    """Both are told to own it: the second takes it, the first stands by until the second is gone."""
    first, second = tenure(owner=True), tenure(owner=True)
    assert first.due(0, None, known=False)
    first.took(0)
    assert second.due(SECOND, other(0, worker="first"), known=True)
    second.took(SECOND)
    first.lost(SECOND)
    takes = sum(first.due(at * SECOND, other(at, worker="second"), known=True) for at in range(2, 1_000))
    assert takes == 0


def test_a_word_of_the_roster_is_read_back_and_anything_else_is_none() -> None:
    assert parse_word(word("box-7", online=True, count=16), 5) == Holder("box-7", True, 16, 5)
    for payload in (b"", b"{}", b"[1]", b"7", b"\xff", b'{"worker": 1, "online": true, "of": 1}'):
        assert parse_word(payload, 0) is None
