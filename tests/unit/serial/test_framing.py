"""Frames of scanners: whole or refused, never guessed; after garbage the next good one is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.serial.framing import Frame, Framer, Grammar

MS = 1_000_000
STX_ETX = Grammar(prefix=b"\x02", suffix=b"\x03", idle_ns=50 * MS)
CR = Grammar(suffix=b"\r")
CRLF = Grammar(suffix=b"\r\n")
GAP = Grammar(idle_ns=50 * MS)
TEN = Grammar(length=10)
TEN_CR = Grammar(length=10, suffix=b"\r")


def frames(grammar: Grammar, *chunks: bytes) -> list[tuple[bytes, str]]:
    framer = Framer(grammar)
    return [(frame.data, frame.refused) for chunk in chunks for frame in framer.feed(chunk, 0)]


@pytest.mark.parametrize(
    ("grammar", "sent"),
    [
        (STX_ETX, b"\x02LOT-1\x03\x02LOT-2\x03"),
        (CR, b"LOT-1\rLOT-2\r"),
        (CR, b"LOT-1\r\nLOT-2\r\n"),  # a line feed between frames is no news
        (CRLF, b"LOT-1\r\nLOT-2\r\n"),
        (Grammar(prefix=b"<<", suffix=b">>"), b"<<LOT-1>>\r\n<<LOT-2>>"),
        (Grammar(length=5), b"LOT-1LOT-2"),
        (Grammar(length=5, suffix=b"\r"), b"LOT-1\rLOT-2\r"),
        (Grammar(prefix=b"\x02", length=5), b"\x02LOT-1\x02LOT-2"),
    ],
)
def test_whole_frames_however_they_are_cut(grammar, sent):
    wanted = [(b"LOT-1", ""), (b"LOT-2", "")]
    assert frames(grammar, sent) == wanted
    assert frames(grammar, *(bytes([byte]) for byte in sent)) == wanted


def test_a_pause_ends_a_frame_that_has_no_suffix():
    framer = Framer(GAP)
    assert framer.feed(b"LOT", 0) == []
    assert framer.feed(b"-1", 40 * MS) == []
    assert framer.deadline_ns == 90 * MS
    assert framer.idle(89 * MS) == []
    assert framer.idle(90 * MS) == [Frame(b"LOT-1")]
    assert framer.deadline_ns is None


def test_bytes_after_a_pause_begin_a_new_frame_even_when_nobody_looked():
    framer = Framer(GAP)
    framer.feed(b"LOT-1", 0)
    assert framer.feed(b"LOT-2", 60 * MS) == [Frame(b"LOT-1")]


def test_a_pause_tears_a_frame_that_needs_a_suffix():
    framer = Framer(STX_ETX)
    framer.feed(b"\x02LOT", 0)
    assert framer.idle(50 * MS) == [Frame(b"LOT", "torn")]
    assert framer.feed(b"-1\x03\x02LOT-2\x03", 60 * MS) == [Frame(b"-1\x03", "no prefix"), Frame(b"LOT-2")]


def test_a_new_prefix_tears_the_old_frame():
    assert frames(STX_ETX, b"\x02LOT-\x02LOT-2\x03") == [(b"LOT-", "torn"), (b"LOT-2", "")]


def test_noise_before_a_prefix_is_refused():
    assert frames(STX_ETX, b"xyz\x02LOT-1\x03") == [(b"xyz", "no prefix"), (b"LOT-1", "")]


def test_a_prefix_that_comes_in_parts():
    assert frames(Grammar(prefix=b"<<", suffix=b">"), b"x<", b"<A>") == [(b"x", "no prefix"), (b"A", "")]


def test_overlong_is_refused_once_and_its_rest_dropped():
    grammar = Grammar(prefix=b"\x02", suffix=b"\x03", longest=8)
    assert frames(grammar, b"\x02" + b"A" * 5000, b"B" * 5000 + b"\x03\x02LOT-1\x03") == [
        (b"A" * 8, "overlong"),
        (b"LOT-1", ""),
    ]


def test_an_overlong_frame_that_came_at_once_is_refused():
    assert frames(Grammar(suffix=b"\r", longest=8), b"A" * 9 + b"\rLOT-1\r") == [
        (b"A" * 8, "overlong"),
        (b"LOT-1", ""),
    ]


def test_wrong_length_is_refused():
    assert frames(TEN_CR, b"0123456789X\rABCDEFGHIJ\r")[0][1] == "wrong length"
    assert frames(TEN_CR, b"0123456789X\rABCDEFGHIJ\r")[-1] == (b"ABCDEFGHIJ", "")


@pytest.mark.parametrize("data", [b"LOT\x00-1", b"LOT\x1b-1", b"\x7f", b"LOT\x08"])
def test_unprintable_is_refused(data):
    assert frames(STX_ETX, b"\x02" + data + b"\x03")[0][1] == "unprintable"


def test_separators_of_gs1_and_iso_15434_belong_to_codes():
    code = b"[)>\x1e06\x1dPLOT-1\x1d1T4711\x1e\x04"
    assert frames(STX_ETX, b"\x02" + code + b"\x03") == [(code, "")]


def test_empty_frames_are_nothing():
    assert frames(STX_ETX, b"\x02\x03\x02\x03") == []
    assert frames(CR, b"\r\r\n\r") == []


def test_a_grammar_without_an_end_is_refused():
    with pytest.raises(ValueError, match="suffix, a length or an idle gap"):
        Framer(Grammar(prefix=b"\x02"))


GRAMMARS = st.sampled_from(
    [STX_ETX, CR, CRLF, GAP, TEN, TEN_CR, Grammar(prefix=b"<<", suffix=b">>", longest=12, idle_ns=MS)]
)


@given(
    grammar=GRAMMARS,
    chunks=st.lists(st.binary(max_size=30), max_size=12),
    gaps=st.lists(st.integers(0, 80), min_size=12, max_size=12),
)
def test_noise_never_breaks_it_and_memory_is_bounded(grammar, chunks, gaps):
    framer, now = Framer(grammar), 0
    for chunk, gap in zip(chunks, gaps, strict=False):
        now += gap * MS
        for frame in framer.feed(chunk, now):
            assert frame.data or frame.refused
            assert len(frame.data) <= max(grammar.longest, 30)
    assert len(framer._buffer) <= grammar.longest + 40  # noqa: SLF001 # what is kept is the point


@pytest.mark.long
@given(
    codes=st.lists(
        st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20),
        min_size=1,
        max_size=5,
    ),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=40),
)
def test_any_codes_in_any_chunks(codes, cuts):
    sent = b"".join(b"\x02" + code.encode() + b"\x03" for code in codes)
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(sent[at : at + cut])
        at += cut
    chunks.append(sent[at:])
    assert frames(STX_ETX, *chunks) == [(code.encode(), "") for code in codes]
