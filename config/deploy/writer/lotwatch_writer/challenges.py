"""Words that the writer gives out, each good once and for minutes: a note without one is not of now, or not for us.

They are in memory only, so that none outlives the writer. Pure: chance and time come in.
"""

from __future__ import annotations

LIFE_NS = 300_000_000_000
MOST = 200


class TooMany(Exception):
    """As many as are kept were given out and not used yet."""


class Challenges:
    """Those that were given out."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def give(self, word: str, now_ns: int) -> str:
        """The word, good from now on. Raises TooMany."""
        self._given = {each: since for each, since in self._given.items() if now_ns - since <= LIFE_NS}
        if len(self._given) >= MOST:
            raise TooMany
        self._given[word] = now_ns
        return word

    def use(self, word: str, now_ns: int) -> bool:
        """Whether it is good; from now on it is not."""
        since = self._given.pop(word, None)
        return since is not None and now_ns - since <= LIFE_NS
