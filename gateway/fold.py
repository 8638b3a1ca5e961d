"""The fold as its users run it: a pipeline and its state, changing the pipeline when a new config comes in.

The daemon, `replay`, crash recovery and the tests all step through here, so that they are one code.
"""

from __future__ import annotations

import orjson

from gateway.model import Input, Setting
from gateway.pipeline import Pipeline, State, Step
from gateway.plain import from_plain, to_plain
from gateway.site import Site


class Fold:
    """Where the fold stands now."""

    def __init__(self, pipeline: Pipeline, state: State | None = None) -> None:
        self.pipeline = pipeline
        self.state = pipeline.start() if state is None else state

    def take(self, given: Input) -> Step:
        """Fold one input. A Setting "config" puts its site in force first; lots and alarms carry over."""
        if isinstance(given, Setting) and given.kind == "config":
            self.pipeline = Pipeline(from_plain(Site, given.body["site"]))
            self.state = self.pipeline.adopt(self.state)
        step = self.pipeline.step(self.state, given)
        self.state = step.state
        return step


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
