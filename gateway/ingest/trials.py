"""Whether a database takes points: what `sift` asks, of the one that says so and of the one that only counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.ingest.kinds import Kind
from gateway.ingest.sift import Found, Refused, sift
from gateway.ingest.victoria import COUNTED_S
from gateway.ingest.writer import State, WriteFailed, Writer

Point = tuple[int, str]
"""The seq of a record, and a line of it."""

TRIALS = 64  # of a chunk, each with its second


class Trials:
    """One for a sink."""

    def __init__(self, writer: Writer, kind: Kind, pause: Callable[[float], object]) -> None:
        self._writer, self._pause = writer, pause
        self._counted_s = COUNTED_S if kind.counts else 0.0
        self._last: State | None = None
        self.about_points = False  # whether an answer said that it is about points, not about how we ask

    def write(self, points: Sequence[Point], precision: str) -> Refused | None:
        """Write them; the refusal that the answer says. Raises WriteFailed where it is about something else."""
        try:
            self._writer.write("\n".join(line for _, line in points), precision)
        except WriteFailed as error:
            if not (error.permanent or error.size):
                raise
            self.about_points = self.about_points or error.points
            return Refused(str(error), error.dropped)
        return None

    def counted(self, points: Sequence[Point], precision: str) -> Refused | None:
        """Write, wait until it was counted, and see whether a counter moved. Raises WriteFailed."""
        if not points:
            return None
        before = self._last if self._last is not None else self.state()
        refused = self.write(points, precision)
        if refused is not None:
            return refused
        after = self.state()
        if after.run != before.run:
            raise WriteFailed("it was started anew meanwhile", gone=True)
        invalid, ignored = after.invalid - before.invalid, after.ignored - before.ignored
        if not (invalid or ignored):
            return None
        why = "it cannot read the line" if invalid else "its time is out of the retention"
        every = ignored >= sum(_fields(line) for _, line in points)
        return Refused(f"left out inside a 204: {why}", len(points) if every else invalid + (ignored > 0))

    def left_out(self, points: Sequence[Point], precision: str) -> list[Found[Point]]:
        """The points that move a counter, and move it again: another sender may, just then, too. Raises WriteFailed."""
        mine: list[Found[Point]] = []
        for quick in (True, False):
            found = sift(points, lambda part: self.counted(part, precision), TRIALS, counted=quick).found
            mine = [each for each in found if self.counted(each.items, precision) is not None]
            if len(mine) == len(found):
                break
        return mine

    def state(self) -> State:
        """What it says of itself when what was written has been counted. Raises WriteFailed."""
        self._pause(self._counted_s)
        self._last = self._writer.state()
        return self._last

    def begin(self) -> None:
        """Something else was written since the last trial: what the counters said then is of no use."""
        self._last = None


def _fields(line: str) -> int:
    """Samples that a line makes, where there are no texts."""
    return line.rsplit(" ", 2)[1].count(",") + 1
