"""The planner of one poll group: which requests to ask, and what was learned of those the device refuses.
Pure.

The law: a value, or a coherent group, is never split over two requests. A block the device refuses is cut
in two, at its widest hole or in the middle, and both parts are asked at once, until the atom that is
refused alone is found; it is left out of every block, its points are bad with the device's reason, and it
is tried again rarely. Cuts made on the way to a bad atom are taken back; one that proves needed twice
stays. A hole that must not be read is learned the same way. At most `MOST_EXTRA` requests are added to one
poll; the search goes on in the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

from drivers.modbus.blocks import Atom, Block, Price, Range, atoms_of, block_of, partition
from drivers.modbus.pdu import MOST_BITS
from gateway.site import Device, Group

FIRST_RETRY_NS = 10_000_000_000
LAST_RETRY_NS = 600_000_000_000
MOST_EXTRA = 16
REPLAN = 1.5  # when asking costs so many times more (or less) registers than at the last plan


@dataclass(slots=True)
class _Bad:
    code: int
    retry_ns: int
    pause_ns: int


class GroupPlan:
    """What to ask for one group, now."""

    def __init__(self, device: Device, group: Group, price: Price, worth: float = 0.0) -> None:
        self.device, self.group = device, group
        self.layout = group.layout()
        self.atoms: list[Atom] = atoms_of(device, group)
        self._blocks: list[Block] = []
        self._stale = False  # something was learned since the plan was made
        self.direct: Block | None = None  # the only block, when its words are the group's
        self._holes = any(b.start > a.end for a, b in pairwise(self.atoms))  # else prices change nothing
        self._cuts: dict[int, int] = {}  # boundary: how often it was needed; negative: taken back
        self._bad: dict[int, _Bad] = {}
        self._due_ns: int | None = None
        self._price, self._worth = price, worth
        self._plan()

    @property
    def blocks(self) -> list[Block]:
        """The blocks in force; a plan is made when it is wanted, not at each step of a search."""
        if self._stale:
            self._plan()
        return self._blocks

    @property
    def bad(self) -> dict[int, int]:
        """Points the device refuses, with its exception code."""
        return {point: bad.code for atom, bad in self._bad.items() for point in self.atoms[atom].points}

    def requests(self, now_ns: int) -> list[Block]:
        """The blocks to ask in this poll; with at most one bad atom that is due to be tried again."""
        blocks = self.blocks
        if self._due_ns is None or now_ns < self._due_ns:
            return blocks
        atom = min(self._bad, key=lambda each: self._bad[each].retry_ns)
        return [*blocks, self._block(Range(atom, atom + 1))]

    def refused(self, block: Block, code: int, now_ns: int) -> list[Block]:
        """The device refuses this block: the parts to ask instead, none if it was one atom."""
        first, last = block.range.first, block.range.last
        if last - first == 1:
            self._condemn(first, code, now_ns)
            return []
        cut = self._weakest(first, last)
        self._cuts[cut] = abs(self._cuts.get(cut, 0)) + 1
        self._learned()
        return [self._block(Range(first, cut)), self._block(Range(cut, last))]

    def accepted(self, block: Block) -> None:
        """The device answered this block: if it was a bad atom's second chance, it is good again."""
        if self._bad and block.range.first in self._bad:
            del self._bad[block.range.first]
            self._cuts.clear()
            self._learned()

    def reprice(self, worth: float) -> None:
        """`worth` registers were measured to cost as much as one more request: plan anew if it matters."""
        worth = min(max(worth, 1.0), MOST_BITS / 16)
        if self._holes and not self._worth / REPLAN <= worth <= self._worth * REPLAN:
            self._worth = worth
            self._plan()

    def _condemn(self, atom: int, code: int, now_ns: int) -> None:
        before = self._bad.get(atom)
        pause = min(before.pause_ns * 2, LAST_RETRY_NS) if before else FIRST_RETRY_NS
        self._bad[atom] = _Bad(code, now_ns + pause, pause)
        self._cuts = {cut: times if times > 1 else -abs(times) for cut, times in self._cuts.items()}
        self._learned()

    def _learned(self) -> None:
        self._stale, self.direct = True, None

    def _weakest(self, first: int, last: int) -> int:
        """Where to cut: the widest hole, or the boundary nearest to the middle."""
        middle = (first + last) / 2

        ends = list(accumulate((atom.end for atom in self.atoms[first:last]), max))

        def hole(cut: int) -> int:
            return max(self.atoms[cut].start - ends[cut - first - 1], 0)

        return max(range(first + 1, last), key=lambda cut: (hole(cut), -abs(cut - middle)))

    def _plan(self) -> None:
        cuts = frozenset(cut for cut, times in self._cuts.items() if times > 0)
        left_out = frozenset(self._bad)
        spans = partition(self.atoms, self.device, self._price, cuts=cuts, left_out=left_out)
        self._blocks = [self._block(span) for span in spans]
        self._stale = False
        alone = len(self._blocks) == 1 and self._blocks[0].whole and not self._bad
        self.direct = self._blocks[0] if alone else None
        self._due_ns = min((bad.retry_ns for bad in self._bad.values()), default=None)

    def _block(self, span: Range) -> Block:
        return block_of(self.device, self.group, self.layout, self.atoms, span)
