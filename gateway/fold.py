"""The fold as its users run it: a pipeline and its state, changing the pipeline when a new config comes in.

The daemon, `replay`, crash recovery and the tests all step through here, so that they are one code.

Rule 1: an input that breaks a room of the fold changes nothing else: it is kept as it came, the state stays, and a
"fold_failed" event says so, the first, second, fourth, eighth time of a run.  So a journal with it in can be folded
again for ever, by the program that failed and by the one that no longer does.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import replace

import orjson

from gateway.acts.outcome import with_outcome
from gateway.bank.drawing import Drawn
from gateway.folding.foldstate import State, Step
from gateway.model import Entry, Input, Noted, Plain, Reading, Scan, Setting, Severity, Tick
from gateway.pipeline import Pipeline
from gateway.plain import from_plain, to_plain
from gateway.site import Site

CARRIED = (
    "carried"  # member of the first config of a journal that goes on from a restored one, and the event of it
)
_MOST_WORDS = 200


class Fold:
    """Where the fold stands now."""

    def __init__(self, pipeline: Pipeline, state: State | None = None) -> None:
        self.pipeline = pipeline
        self.state = pipeline.start() if state is None else pipeline.adopt(state)
        self._expected: tuple[str, Pipeline] | None = None

    def expect(self, config_hash: str, pipeline: Pipeline) -> None:
        """The next input is the config of this hash, and this was compiled of it: compiling takes long."""
        self._expected = config_hash, pipeline

    def take(self, given: Input) -> Step:
        """Fold one input. A Setting "config" puts its site in force first; lots and alarms carry over.

        One with "carried" begins a journal that goes on from another: the state is that one's.
        """
        try:
            step = self._take(given)
        except Exception as error:  # noqa: BLE001 # rule 1: else one bad input would end every run that replays it
            step = _failed(self.state, given, error)
        if isinstance(given, Entry):
            step = replace(step, events=with_outcome(given, step.events))
        self.state = step.state
        return step

    def drawn(self, characteristic: str) -> tuple[Drawn, ...]:
        """What the charts of a characteristic look like now."""
        return self.pipeline.drawn(self.state, characteristic)

    def _take(self, given: Input) -> Step:
        if not (isinstance(given, Setting) and given.kind == "config"):
            return self.pipeline.step(self.state, given)
        expected, self._expected = self._expected, None
        if expected is not None and expected[0] == given.body.get("hash"):
            pipeline = expected[1]
        else:
            pipeline = Pipeline(from_plain(Site, given.body["site"]))
        began = given.body.get(CARRIED)
        state = uncarried(str(began["state"])) if isinstance(began, Mapping) else self.state
        step = pipeline.step(pipeline.adopt(state), given)
        if isinstance(began, Mapping):
            facts = {name: value for name, value in began.items() if name != "state"}
            told = Noted(given.at.time_ns, "carried", pipeline.site.gateway, Severity.WARNING, facts)
            step = replace(step, events=(told, *step.events), urgent=True)
        self.pipeline = pipeline
        return step


def carried(state: State) -> str:
    """A state as such a config has it: text, for a snapshot may hold more digits than JSON's readers keep."""
    return base64.b64encode(zlib.compress(pack_state(state), 9)).decode("ascii")


def uncarried(text: str) -> State:
    """The state in such a text. Raises ValueError."""
    try:
        return unpack_state(zlib.decompress(base64.b64decode(text, validate=True)))
    except zlib.error as error:
        raise ValueError(f"not a carried state: {error}") from error


def _failed(state: State, given: Input, error: Exception) -> Step:
    subject = _subject(given)
    times = state.failed.get(subject, 0) + 1
    if isinstance(given, Tick) and times > 1:
        return Step(state, None)  # ticks come every second, and none says more than the first
    facts: dict[str, Plain] = {"error": f"{type(error).__name__}: {error}"[:_MOST_WORDS], "times": times}
    told = times & (times - 1) == 0
    events = (Noted(given.at.time_ns, "fold_failed", subject, Severity.ALARM, facts),) if told else ()
    urgent = not isinstance(given, Reading | Tick)
    return Step(replace(state, failed={**state.failed, subject: times}), given, events, urgent)


def _subject(given: Input) -> str:
    match given:
        case Reading():
            return given.group
        case Scan():
            return given.point
        case _:
            return type(given).__name__.lower()


def pack_state(state: State) -> bytes:
    """A state as a snapshot keeps it."""
    return orjson.dumps(to_plain(state))


def unpack_state(data: bytes) -> State:
    """A state out of a snapshot. Raises ValueError where it is of another shape."""
    try:
        plain = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not a snapshot: {error}") from error
    state: State = from_plain(State, plain)
    return state
