"""Which config a reading was taken under: readings say group and words, the journalled settings say what they mean."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from gateway.model import GroupId, NumberedInput, Setting
from gateway.plain import from_plain
from gateway.rows import Rows
from gateway.site import Group, Site
from gateway.wire.catalogue import Catalogue

_NOBODY = Catalogue({})


def site_of(setting: Setting) -> Site | None:
    """The site that a "config" setting holds; None for other settings and for one that cannot be read."""
    if setting.kind != "config":
        return None
    try:
        return from_plain(Site, setting.body["site"])
    except (KeyError, ValueError):
        return None


class Eras:
    """Stretches of the input stream by the config in force; before the first one known nothing is known."""

    def __init__(self) -> None:
        self._from: list[int] = []
        self._journalled: list[int] = []
        self._catalogues: dict[int, Catalogue] = {}
        self._known: dict[str, Mapping[GroupId, Group]] = {}  # by the hash of a config

    @classmethod
    def of(cls, groups: Mapping[GroupId, Group]) -> Eras:
        """One config for all."""
        made = cls()
        made.begin(0, groups)
        return made

    def begin(self, seq: int, groups: Mapping[GroupId, Group] | Catalogue) -> None:
        """From this seq on, these groups; whoever has their catalogue already hands in that."""
        if seq not in self._catalogues:
            insort(self._from, seq)
        self._catalogues[seq] = groups if isinstance(groups, Catalogue) else Catalogue(groups)

    def know(self, hash_: str, groups: Mapping[GroupId, Group]) -> None:
        """What a config of this hash says: reading a large one takes many ms."""
        self._known[hash_] = groups

    def see(self, inputs: Iterable[NumberedInput]) -> None:
        """Take note of settings among some inputs."""
        for seq, given in inputs:
            if isinstance(given, Setting) and seq not in self._catalogues:
                groups = self._groups_of(given)
                if groups is not None:
                    self.begin(seq, groups)
            if isinstance(given, Setting) and given.kind == "config" and seq not in self._journalled:
                insort(self._journalled, seq)

    def _groups_of(self, given: Setting) -> Mapping[GroupId, Group] | None:
        known = self._known.get(str(given.body.get("hash"))) if given.kind == "config" else None
        if known is not None:
            return known
        site = site_of(given)
        return None if site is None else site.groups()

    def start_of(self, seq: int) -> int:
        """Seq at which the era of this one began; 0 where that is unknown."""
        place = bisect_right(self._from, seq)
        return self._from[place - 1] if place else 0

    def split(self, rows: Rows) -> Iterator[tuple[Rows, Catalogue]]:
        """Readings apart by the config in force, with what the groups looked like then."""
        first, last = int(rows.seq[0]), int(rows.seq[-1])
        inside = self._from[bisect_right(self._from, first) : bisect_right(self._from, last)]
        cuts = np.searchsorted(rows.seq, inside).tolist() if inside else []
        for start, stop in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            if start < stop:
                part = rows.take(slice(start, stop)) if inside else rows
                yield part, self.catalogue(int(part.seq[0]))

    def setting_of(self, seq: int) -> int:
        """Seq of the newest config setting seen that is not after this one; 0 where none was."""
        place = bisect_right(self._journalled, seq)
        return self._journalled[place - 1] if place else 0

    def catalogue(self, seq: int) -> Catalogue:
        """What the groups looked like when this seq was taken."""
        return self._catalogues.get(self.start_of(seq), _NOBODY)
