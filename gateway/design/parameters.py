"""Which charts have a limit that can be chosen by false alarms, and what it is called. No numpy: `check` reads it."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.design.sizes import GIVEN

LIMIT_OF = {"imr": "L", "ewma": "L", "cusum": "h", "multi-cusum": "h", "t2": "limit", "mewma": "h4"}
"""By chart, the parameter that is its limit."""

KNOWN_ONLY = ("mewma", "multi-cusum")
"""Charts whose limit is that of known parameters, however few samples these come from."""

ALONE = {"imr": (("WE1",), ("N1",), ("AIAG1",))}
"""Rules with which the limit is all that signals; further run rules have false alarms of their own, at fixed limits."""


def designable(method: str, rules: tuple[str, ...], params: Iterable[str] = ()) -> str:
    """Why the limit of the chart, with these of its parameters given, cannot be chosen; nothing where it can."""
    if method not in LIMIT_OF:
        return f"the limit of {method} cannot be chosen by false alarms; that of {', '.join(sorted(LIMIT_OF))} can"
    if method in ALONE and rules not in ALONE[method]:
        return f"a designed {method} chart listens to its limit alone: write rules: [{ALONE[method][0][0]}]"
    if method == "multi-cusum" and not set(GIVEN).isdisjoint(params):
        return f"a designed multi-cusum looks for its own five sizes: leave out {' and '.join(GIVEN)}"
    return ""
