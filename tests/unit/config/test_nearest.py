"""The word that was meant is difflib's, found with few comparisons: a file may name many tags that are not there."""

from __future__ import annotations

import difflib
import random

from gateway.plan.words import nearest

TAGS = [
    f"hall/line{line}/press1/{name}"
    for line in range(4)
    for name in ("cushion", "melt", "shots", "state", "mould", "cycle", "clamp", "pressure", "dose", "speed")
]


def test_it_is_the_word_that_difflib_finds():
    chance = random.Random(1)
    for _ in range(60):
        word = list(chance.choice(TAGS))
        for _ in range(chance.randrange(1, 8)):
            word[chance.randrange(len(word))] = chance.choice("abcxyz/1")
        wrong = "".join(word)
        found = difflib.get_close_matches(wrong, TAGS, n=1)
        assert nearest(wrong, TAGS) == (f'; did you mean "{found[0]}"?' if found else "")


def test_words_that_begin_alike_are_not_all_compared(monkeypatch):
    compared = []
    ratio = difflib.SequenceMatcher.ratio

    def counted(self):
        compared.append(self.a)
        return ratio(self)

    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", counted)
    assert nearest("hall/line7/press1/cushion", TAGS) == '; did you mean "hall/line3/press1/cushion"?'
    assert len(compared) < len(TAGS) / 4
