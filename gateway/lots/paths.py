"""Where material goes by itself: from each cell to those that it reaches. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.site import Flow


@dataclass(frozen=True, slots=True)
class Paths:
    """The site's flows, followed to their ends. A cell that no flow names reaches itself alone.

    >>> paths = Paths.of([Flow("blend", "dry"), Flow("dry", "press1"), Flow("dry", "press2")])
    >>> paths.above("press1"), paths.below("dry")
    (('press1', 'dry', 'blend'), ('dry', 'press1', 'press2'))
    """

    _above: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _below: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, flows: Iterable[Flow]) -> Paths:
        edges = tuple(flows)
        return cls(
            _closed((edge.target, edge.source) for edge in edges),
            _closed((edge.source, edge.target) for edge in edges),
        )

    def above(self, cell: str) -> tuple[str, ...]:
        """The cell and every cell whose material reaches it, the nearest first."""
        return self._above.get(cell, (cell,))

    def below(self, cell: str) -> tuple[str, ...]:
        """The cell and every cell that its material reaches, the nearest first."""
        return self._below.get(cell, (cell,))


def _closed(edges: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """From each cell all that its edges lead to, by their number of steps; the cell itself stands first."""
    following: dict[str, list[str]] = {}
    for one, other in edges:
        following.setdefault(one, []).append(other)
    reached = {}
    for cell in following:
        found = {cell: None}
        rank = [cell]
        while rank:
            rank = list(
                dict.fromkeys(new for at in rank for new in following.get(at, ()) if new not in found)
            )
            found |= dict.fromkeys(rank)
        reached[cell] = tuple(found)
    return reached


NO_PATHS = Paths()
"""Of a site without flows."""
