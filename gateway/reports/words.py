"""Words of reports by language. Pure.

>>> said("zh", "record"), said("en", "page", page=2, pages=3)
('批次记录', 'page 2 of 3')
"""

from __future__ import annotations

from gateway.reports import chinese, english

LANGUAGES = ("en", "zh")

_WORDS = {"en": english.WORDS, "zh": chinese.WORDS}


def said(language: str, word: str, **filled: object) -> str:
    """A word or sentence, with {names} filled in. Raises KeyError for a word that no table has."""
    return _WORDS[language][word].format(**filled)


def known(language: str, word: str, suffix: str = "") -> str:
    """The word of a code of the journal in this language; the code itself where it has none here."""
    for name in (f"{word}_{suffix}", word) if suffix else (word,):
        if name in _WORDS[language]:
            return said(language, name)
    return word
