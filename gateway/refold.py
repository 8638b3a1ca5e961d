"""Folding history again: inputs of a file, or of a journal, by the code that folded them first.

What comes out are lines of events (`gateway.inputs_json`); `Refold` counts, and compares with what was journalled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gateway.fold import Fold
from gateway.folding.foldstate import Step
from gateway.inputs_json import input_of, line_of_event
from gateway.layout import Layout
from gateway.model import BAD_FROM, Input, NumberedInput, Quality, Reading
from gateway.pipeline import Pipeline
from gateway.site import Site

if TYPE_CHECKING:
    from gateway.journal import JournalReader


def inputs_of(lines: Iterable[str]) -> Iterator[NumberedInput]:
    """Inputs by line number; empty lines and those that begin with # are for people. Raises ValueError: line: what."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield NumberedInput(number, input_of(line))
        except ValueError as error:
            raise ValueError(f"{number}: {error}") from error


class Refold:
    """One replay, and what it has given so far."""

    def __init__(self) -> None:
        self.inputs = 0
        self.events = 0
        self.equal: bool | None = None  # None: there is nothing to compare with
        self.differs = ""  # the first difference, or why nothing is compared

    def lines(self, site: Site, inputs: Iterable[NumberedInput]) -> Iterator[str]:
        """Events of these inputs, first folded by `site`, then by the configs among them."""
        fold = Fold(Pipeline(site))
        for number, given in inputs:
            yield from self._told(number, fold.take(given))

    def journal(
        self,
        reader: JournalReader,
        other: Site | None = None,
        paced: Callable[[Iterable[NumberedInput], int], Iterable[NumberedInput]] = lambda inputs, _: inputs,
    ) -> Iterator[str]:
        """Events of a journal's inputs, compared with its own; by another site throughout, if there is one.

        `paced` goes through the inputs, of which there are at most so many, and may show how far it is.
        """
        last = reader.last()
        first, fold = 0, None
        journalled = _journalled(reader, last.event)
        for seq, given in paced(reader.inputs(1, last.input), last.input):
            if fold is None:
                first, fold = seq, Fold(Pipeline(other or _site(reader, seq)))
                self.equal = True if first == 1 else None
                self.differs = (
                    "" if first == 1 else f"inputs before {first} are no longer held: nothing is compared"
                )
            step = fold.take(given) if other is None else _take_by(other, fold, given)
            for line in self._told(seq, step):
                if self.equal:
                    self._compare(line, next(journalled, None))
                yield line
        rest = next(journalled, None) if self.equal else None
        if rest is not None:
            self._compare(None, rest)

    def _told(self, number: int, step: Step) -> Iterator[str]:
        self.inputs += 1
        for event in step.events:
            self.events += 1
            yield line_of_event(number, event)

    def _compare(self, ours: str | None, theirs: str | None) -> None:
        if ours != theirs:
            self.equal, self.differs = (
                False,
                f"{ours or 'nothing'} where the journal has {theirs or 'nothing'}",
            )


def _journalled(reader: JournalReader, last: int) -> Iterator[str]:
    """Lines of the events that the fold told; what was told from outside it has no cause."""
    for _, cause, event in reader.events(1, last):
        if cause:
            yield line_of_event(cause, event)


def _site(reader: JournalReader, seq: int) -> Site:
    site = reader.site(seq) or reader.site()
    if site is None:
        raise ValueError(f"{reader.folder} holds no config to fold by")
    return site


def _take_by(site: Site, fold: Fold, given: Input) -> Step:
    """Fold an input by this site, whatever config was in force when it came."""
    if isinstance(given, Reading) and given.group in (groups := site.groups()):
        given = _decoded(given, groups[given.group].layout())
    step = fold.pipeline.step(fold.state, given)
    fold.state = step.state
    return step


def _decoded(reading: Reading, layout: Layout) -> Reading:
    """The words decoded anew, so that a wrong type or word order can be mended afterwards."""
    if layout.words != len(reading.raw) or len(layout.fields) != len(reading.values):
        return reading
    text = np.array([field.type == "string" for field in layout.fields])
    got = reading.quality < BAD_FROM
    values = np.where(got, layout.values(reading.raw), np.nan)
    odd = got & ~np.isfinite(values) & ~text
    quality = np.where(odd, np.uint8(Quality.NOT_A_NUMBER), reading.quality)
    return replace(reading, values=np.where(odd, np.nan, values), quality=quality)
