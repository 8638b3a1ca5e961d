"""Which layout a group had when: the journalled configs, so that words of any age become values."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.journal.codec import site_of
from gateway.journal.errors import decoding
from gateway.journal.pack import Rows
from gateway.layout import ORDERS, Field, Layout
from gateway.model import BAD_FROM
from gateway.plain import from_plain

if TYPE_CHECKING:
    from gateway.site import Group, Site


class View:
    """A group as one config had it."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.tags = tuple(point.tag for point in group.points)
        self._singles: dict[int, Layout] = {}

    @cached_property
    def layout(self) -> Layout:
        return self.group.layout()

    @cached_property
    def joins(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Widths of the values in words, and how those join to the value's bits: +1 the last is high, +2 swapped."""
        fields = [point.field for point in self.group.points]
        return tuple(field.width for field in fields), tuple(_order_of(field) for field in fields)

    def single(self, index: int) -> Layout:
        """The layout of one point alone."""
        made = self._singles.get(index)
        if made is None:
            made = self._singles[index] = Layout((self.group.points[index].field,))
        return made

    def fits(self, rows: Rows) -> bool:
        """Whether rows have the shape of this layout."""
        return rows.raw.shape[1:] == (self.layout.words,) and rows.quality.shape[1:] == (len(self.tags),)


def _order_of(field: Field) -> int:
    names = ORDERS.get(field.width, ())
    place = names.index(field.order) if field.order in names else 0
    return 2 * place if field.width == 1 else place  # 0 as it is, 1 words, 2 bytes, 3 both swapped


class Packed:
    """A config as it is kept, until somebody asks: a journal may hold hundreds, of megabytes each when unpacked."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    @cached_property
    def site(self) -> Site:
        from gateway.site import Site  # noqa: PLC0415 # only where a config is unpacked

        plain = site_of(self._body)
        with decoding("a config"):
            made: Site = from_plain(Site, plain)
        return made

    @cached_property
    def views(self) -> dict[str, View]:
        return {name: View(group) for name, group in self.site.groups().items()}


class Age:
    """One config: from `seq` on."""

    def __init__(self, seq: int, name: str, digest: str, config: Packed) -> None:
        self.seq, self.name, self.digest, self._config = seq, name, digest, config

    @property
    def site(self) -> Site:
        return self._config.site

    @property
    def views(self) -> dict[str, View]:
        return self._config.views

    def renewed(self, seq: int, name: str) -> Age:
        """The same config, set again."""
        return Age(seq, name, self.digest, self._config)


class Ages:
    """All configs of a journal, in order. `refresh` takes up new ones."""

    def __init__(self) -> None:
        self._ages: list[Age] = []
        self._seqs: list[int] = []

    def refresh(self, db: sqlite3.Connection) -> None:
        known = dict(zip(self._seqs, self._ages, strict=True))
        by_digest = {age.digest: age for age in self._ages}
        ages: list[Age] = []
        for seq, name, digest in db.execute("SELECT seq, hash, digest FROM configs ORDER BY seq").fetchall():
            if seq in known:
                age = known[seq]
            elif digest in by_digest:
                age = by_digest[digest].renewed(seq, name)
            else:
                body = db.execute("SELECT body FROM sites WHERE digest = ?", (digest,)).fetchone()
                age = Age(seq, name, digest, Packed(body[0] if body else b""))  # told when it is asked for
            by_digest[digest] = age
            ages.append(age)
        self._ages, self._seqs = ages, [age.seq for age in ages]

    def at(self, seq: int) -> Age | None:
        """The config in force at an input; the first one for inputs before it."""
        if not self._ages:
            return None
        return self._ages[max(bisect_right(self._seqs, seq) - 1, 0)]

    def all(self) -> list[Age]:
        return list(self._ages)

    def only(self, group: str, first: int, last: int) -> View | None:
        """The layout of a group throughout a range of inputs; None when it changed in it, or none is known."""
        if not self._ages:
            return None
        low, high = (max(bisect_right(self._seqs, seq) - 1, 0) for seq in (first, last))
        views = [age.views.get(group) for age in self._ages[low : high + 1]]
        return views[0] if all(view is views[0] for view in views) else None

    def split(self, group: str, rows: Rows) -> Iterator[tuple[Rows, View | None]]:
        """Rows by the config that was in force; None where no config knows the group in this shape."""
        cuts = np.searchsorted(rows.seq, np.array(self._seqs[1:], dtype=np.int64)).tolist()
        for start, stop in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            if start < stop:
                part = rows if stop - start == len(rows) else rows.take(slice(start, stop))
                age = self.at(int(part.seq[0]))
                view = age.views.get(group) if age else None
                yield part, view if view and view.fits(part) else None


def values_of(rows: Rows, view: View | None) -> NDArray[np.float64]:
    """Values [n, p] of rows: nan where bad, and where no layout is known."""
    if view is None:
        return np.full(rows.quality.shape, np.nan)
    values = view.layout.values(rows.raw)
    values[rows.quality >= BAD_FROM] = np.nan
    return values
