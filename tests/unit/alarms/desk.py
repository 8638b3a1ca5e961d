"""An alarm room by hand: one cause that comes and goes at seconds that the test names."""

from __future__ import annotations

from gateway.alarms import Alarms, Cause, Damping, Told, answered, raised, restarted, returned, ticked
from gateway.model import AlarmChanged, Entry, Instant, Noted, Severity
from gateway.plain import from_plain, to_plain
from tests.unit.fold.line import CELL, at

HOT = Cause("limit_HH", f"{CELL}/x", Severity.ALARM, f"{CELL}/x", "stop the press")
HOUR = 3600.0


class Desk:
    """Alarms, and what they told; each call gives what it told, in words."""

    def __init__(self, cause: Cause = HOT, damping: Damping | None = None) -> None:
        self.cause = cause if damping is None else Cause(
            cause.kind, cause.subject, cause.severity, cause.tag, cause.reaction, damping=damping
        )  # fmt: skip
        self.alarms = Alarms()
        self.told: list[Told] = []

    def _took(self, result: tuple[Alarms, tuple[Told, ...]]) -> list[str]:
        alarms, told = result
        kept: Alarms = from_plain(Alarms, to_plain(alarms))
        assert to_plain(kept) == to_plain(alarms), "a snapshot holds all of it"
        self.alarms = kept
        self.told += told
        return [each.state if isinstance(each, AlarmChanged) else each.kind for each in told]

    def there(self, seconds: float, lots: tuple[str, ...] = (), cause: Cause | None = None) -> list[str]:
        return self._took(raised(self.alarms, cause or self.cause, at(seconds), lots))

    def gone(self, seconds: float) -> list[str]:
        return self._took(returned(self.alarms, self.cause.name, at(seconds)))

    def tick(self, seconds: float) -> list[str]:
        before = self.alarms
        result = ticked(before, at(seconds))
        assert (result[0] is before) == (not result[1]), "a tick that does nothing is not stored"
        return self._took(result)

    def says(self, kind: str, seconds: float, /, operator: str = "17", **body) -> list[str]:
        entry = Entry(kind, at(seconds), operator, {"alarm": self.id, **body})
        done = answered(self.alarms, entry)
        assert done is not None
        return self._took(done)

    def boot(self, instant: Instant, *, same: bool = False) -> None:
        self.alarms = restarted(self.alarms, instant, same_boot=same)

    @property
    def id(self) -> str:
        return next((each.alarm for each in reversed(self.told) if isinstance(each, AlarmChanged)), "")

    @property
    def last(self) -> AlarmChanged:
        return [each for each in self.told if isinstance(each, AlarmChanged)][-1]

    @property
    def note(self) -> Noted:
        return [each for each in self.told if isinstance(each, Noted)][-1]

    def facts(self) -> dict:
        return dict(self.last.facts or {})
