"""A plant with continuous regrind as arrays: a million lots in a second or two, the same for the same seed.

A site of 24 presses with three shifts a day, in eight material loops of three presses each. A loop is one grade:

    resin lot --> silo (content slices) --> dryer charge --+
                                                           +--> blend --> batch --> boxes --> pallets --> shipments
    masterbatch lot ---------------------------------------+                |
    regrind bin (content slices) --------------------------+                +--> regrind (ground) --> regrind bin

Why these sizes. A press makes 160 kg in a shift (20 kg an hour), so a loop dries 1.1 t of resin a day. Resin comes as
octabins of 1.2 to 1.8 t, about one a day and loop, into a 12 t silo that is filled up when less than 10 t are left.
Nobody knows how such a silo mixes: every charge has edges "mixed" from the content slice and "fifo" from the layers.
A quarter of each shot is runner or reject; it is ground and fed back at 15 to 25 %, by the day, so a share of 1e-6
is eight to ten generations old, and the perfectly mixed silo remembers a resin lot for two to three months. Both give
about a hundred sources in a lot. The bin is cleaned every 60 days (a colour change) and its rest sold. Twelve boxes
a batch, eight a pallet whatever batch they are from, sixteen pallets a shipment out of all loops as they come. A
million lots are 800 days, with 1.9 million edges and a few thousand sources.

Standard uncertainties: silo load cells 3 kg, dryer and regrind doser 0.2 kg, scale of the press 0.1 kg, boxes 10 g.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.graph import AGGREGATED, GROUND, Graph

KINDS = (
    "material", "content", "charge", "blend", "batch", "regrind", "box", "pallet", "shipment",
)  # fmt: skip
MATERIAL, CONTENT, CHARGE, BLEND, BATCH, REGRIND, BOX, PALLET, SHIPMENT = range(9)
LOOPS, PRESSES = 8, 3
SHIFT_NS = 8 * 3_600 * 10**9
BOXES, BOXES_A_PALLET, PALLETS_A_SHIPMENT = 12, 8, 16
BEGAN_NS = 1_735_689_600 * 10**9  # 2025-01-01
BIN_CLEANED = 180  # shifts
HEEL_KG = 10_000.0  # a silo is filled up when less is left

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plant:
    """The graph, and the numbers of the lots that questions are asked about."""

    graph: Graph

    def of_kind(self, kind: int) -> Ints:
        """The lots of one kind, in order."""
        return np.flatnonzero(self.graph.kind == kind)

    def names(self) -> list[str]:
        """A name for each lot: its kind and number."""
        prefix = [kind[:3].upper() for kind in KINDS]
        kinds = self.graph.kind.tolist()
        return [f"{prefix[kind]}-{number:07d}" for number, kind in enumerate(kinds)]


class _Draft:
    """Lots and edges as they come, by a number of their own; sorted by time at the end."""

    def __init__(self) -> None:
        self._lots: list[tuple[Ints, ...]] = []
        self._kg: list[Floats] = []
        self._edges: list[tuple[Ints, Ints, NDArray[np.uint8]]] = []
        self._weighed: list[tuple[Floats, Floats]] = []
        self.count = 0

    def lots(self, kind: int, shift: Ints, step: int, kg: Floats, flags: int = 0) -> Ints:
        """New lots, closed in these shifts at step 0 to 99 of them; their numbers."""
        numbers = np.arange(self.count, self.count + len(kg))
        self.count += len(kg)
        same = np.ones(len(kg), np.int64)
        self._lots.append((shift * 100 + step, same * kind, same * flags))
        self._kg.append(kg)
        return numbers

    def edges(self, parent: Ints, child: Ints, kg: Floats, sigma: float, mixing: int = 0) -> None:
        """Edges, all weighed with the same uncertainty."""
        self._edges.append((parent, child, np.full(len(kg), mixing, np.uint8)))
        self._weighed.append((kg, np.full(len(kg), sigma)))

    def graph(self, size: int, rng: np.random.Generator) -> Graph:
        """The first `size` lots in the order of their times."""
        when, kind, flags = (np.concatenate(part) for part in zip(*self._lots, strict=True))
        parent, child, mixing = (np.concatenate(part) for part in zip(*self._edges, strict=True))
        edge_kg, sigma = (np.concatenate(part) for part in zip(*self._weighed, strict=True))
        order = np.argsort(when, kind="stable")[:size]
        rank = np.full(self.count, -1, np.int64)
        rank[order] = np.arange(len(order))
        kept = np.flatnonzero((rank[child] >= 0) & (edge_kg > 0))
        kept = kept[np.lexsort((rank[parent[kept]], rank[child[kept]]))]
        child, when = rank[child[kept]], when[order]
        recycled = np.where(kind[order] == MATERIAL, 0.3 * (rng.random(len(order)) < 0.2), 0.0)
        return Graph(
            np.concatenate(self._kg)[order],
            BEGAN_NS + when * (SHIFT_NS // 100),
            kind[order].astype(np.uint8),
            flags[order].astype(np.uint8),
            recycled,
            recycled / 10,
            np.searchsorted(child, np.arange(len(order) + 1)),
            rank[parent[kept]].astype(np.int32),
            edge_kg[kept],
            sigma[kept],
            mixing[kept],
            KINDS,
        )


def plant(size: int = 1_000_000, seed: int = 20261122) -> Plant:
    """A plant of about `size` lots, cut at the end of none of its shifts: exactly `size` from 5,000 on."""
    rng = np.random.default_rng(seed)
    shifts = size // (LOOPS * PRESSES * 17) + 2
    draft = _Draft()
    _ship(draft, [_loop(draft, shifts, rng) for _ in range(LOOPS)])
    return Plant(draft.graph(size, rng))


def _loop(draft: _Draft, shifts: int, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """One material loop; its pallets: lot, shift, kg."""
    shift = np.arange(shifts)
    made = np.repeat(160.0, shifts * PRESSES) * rng.uniform(0.9, 1.1, shifts * PRESSES)  # kg of each batch
    when = np.repeat(shift, PRESSES)
    share = np.repeat(rng.uniform(0.15, 0.25, shifts // 3 + 1), 3)[:shifts]  # regrind asked for, by the day
    scrap = 0.25 * made
    came = scrap.reshape(-1, PRESSES).sum(axis=1)
    taken, left, sold = _bin(share, made.reshape(-1, PRESSES).sum(axis=1), came)
    colour = 0.02 * made
    reused = made * np.repeat(taken, PRESSES)
    virgin = made - reused - colour
    charge = draft.lots(CHARGE, when, 20, virgin)
    _silo(draft, shifts, when, charge, virgin, rng)
    blend = draft.lots(BLEND, when, 40, made)
    batch = draft.lots(BATCH, when, 60, made)
    draft.edges(charge, blend, virgin, 0.2)
    draft.edges(blend, batch, made, 0.1)
    bought = draft.lots(
        MATERIAL, shift[::60], 1, np.full(len(shift[::60]), 1_000.0)
    )  # masterbatch, every 20 days
    draft.edges(bought[when // 60], blend, colour, 0.05)
    regrind = draft.lots(REGRIND, shift, 70, came, GROUND)
    draft.edges(batch, np.repeat(regrind, PRESSES), scrap, 0.1)
    content = draft.lots(CONTENT, shift, 80, left + came)
    draft.edges(regrind, content, came, 0.2)
    kept = np.flatnonzero(~sold[1:])
    draft.edges(content[kept], content[kept + 1], left[kept + 1], 0.5)
    fed = when > 0
    draft.edges(content[when[fed] - 1], blend[fed], reused[fed], 0.2)
    return _packed(draft, when, batch, (made - scrap) / BOXES)


def _bin(share: Floats, made: Floats, came: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Of each shift: kg of regrind in a kg made, kg left in the bin before the new comes, whether it was cleaned."""
    taken, left = np.zeros(len(made)), np.zeros(len(made))
    sold = np.zeros(len(made), np.bool_)
    level = 0.0
    for shift in range(len(made)):
        give = min(share[shift] * made[shift], level)
        taken[shift] = give / made[shift]
        level -= give
        sold[shift] = shift % BIN_CLEANED == BIN_CLEANED - 1 or level > 1_500.0
        level = 0.0 if sold[shift] else level
        left[shift] = level
        level += came[shift]
    return taken, left, sold


def _silo(
    draft: _Draft, shifts: int, when: Ints, charge: Ints, drawn: Floats, rng: np.random.Generator
) -> None:
    """Fills when there is room; charges drawn from the content slice, and from the layers."""
    by_shift = drawn.reshape(-1, PRESSES).sum(axis=1)
    level, filled, kg, before = 0.0, [], [], []
    slice_of = np.zeros(shifts, np.int64)
    for shift in range(shifts):
        while level < HEEL_KG:
            filled.append(shift)
            before.append(level)
            kg.append(float(rng.uniform(1_200.0, 1_800.0)))
            level += kg[-1]
        slice_of[shift] = len(filled) - 1
        level -= by_shift[shift]
    fill, came = np.array(filled), np.array(kg)
    resin = draft.lots(MATERIAL, fill, 2, came)
    content = draft.lots(CONTENT, fill, 10, np.array(before) + came)
    draft.edges(resin, content, came, 3.0, 2)
    draft.edges(content[:-1], content[1:], np.array(before[1:]), 3.0, 2)
    draft.edges(content[slice_of[when]], charge, drawn, 0.2, 2)
    ends = np.cumsum(came)  # kilograms in the order they went in: charge i took those from low to high
    high = np.cumsum(drawn)
    low = np.concatenate(([0.0], high[:-1]))
    one, two = np.searchsorted(ends, low, "right"), np.searchsorted(ends, high, "left")
    split = two > one
    first = np.where(split, ends[one] - low, drawn)
    draft.edges(resin[one], charge, first, 0.2, 1)
    draft.edges(resin[two[split]], charge[split], (drawn - first)[split], 0.2, 1)


def _packed(draft: _Draft, when: Ints, batch: Ints, kg: Floats) -> tuple[Ints, Ints, Floats]:
    """Boxes of each batch and pallets of eight boxes, press by press; the pallets."""
    boxed = np.repeat(kg, BOXES)
    box = draft.lots(BOX, np.repeat(when, BOXES), 90, boxed)
    draft.edges(np.repeat(batch, BOXES), box, boxed, 0.01)
    whole = len(when) // PRESSES * BOXES // BOXES_A_PALLET * BOXES_A_PALLET
    by_press = np.arange(len(box)).reshape(-1, PRESSES, BOXES).swapaxes(0, 1).reshape(PRESSES, -1)[:, :whole]
    on = by_press.reshape(-1, BOXES_A_PALLET)
    closed = np.repeat(when, BOXES)[on[:, -1]]
    weight = boxed[on].sum(axis=1)
    pallet = draft.lots(PALLET, closed, 95, weight, AGGREGATED)
    draft.edges(box[on.ravel()], np.repeat(pallet, BOXES_A_PALLET), boxed[on.ravel()], 0.01)
    return pallet, closed, weight


def _ship(draft: _Draft, loops: list[tuple[Ints, Ints, Floats]]) -> None:
    """Sixteen pallets each, of all loops, in the order they were closed."""
    pallet, closed, weight = (np.concatenate(part) for part in zip(*loops, strict=True))
    order = np.argsort(closed, kind="stable")
    order = order[: len(order) // PALLETS_A_SHIPMENT * PALLETS_A_SHIPMENT].reshape(-1, PALLETS_A_SHIPMENT)
    kg = weight[order]
    shipment = draft.lots(SHIPMENT, closed[order[:, -1]], 99, kg.sum(axis=1), AGGREGATED)
    draft.edges(pallet[order.ravel()], np.repeat(shipment, PALLETS_A_SHIPMENT), kg.ravel(), 0.02)
