"""Material flow between cells: each cell is known, and none feeds itself, not even by others."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config.draft import Draft
from gateway.config.models import LineRow
from gateway.config.problems import Path
from gateway.plan.words import shown
from gateway.site import Flow


def build_flows(draft: Draft) -> tuple[Flow, ...]:
    """Every flow of every line, as the file has them; one that is wrong is said and left out."""
    flows: dict[Flow, Path] = {}
    for at, line in enumerate(draft.model.lines):
        for index, row in enumerate(line.flows):
            path: Path = ("lines", at, "flows", index)
            source = _cell(draft, line, (*path, "from"), row.source)
            for to, word in enumerate(row.to):
                here = (*path, "to", to)
                target = _cell(draft, line, here, word)
                if source and target and _good(draft, flows, here, Flow(source, target)):
                    flows[Flow(source, target)] = here
    return tuple(flows)


def _cell(draft: Draft, line: LineRow, path: Path, word: str) -> str:
    """The cell's whole path; "" where there is none, which is said."""
    if "/" in word:
        return word if draft.check_cell(path, word) and word in draft.cells else ""
    cell = f"{line.area}/{line.name}/{word}"
    if cell in draft.cells:
        return cell
    draft.say(
        path,
        f"{shown(word)} is not a cell of line {line.name}{draft.nearest(word, line.cells)}",
    )
    return ""


def _good(draft: Draft, flows: dict[Flow, Path], path: Path, flow: Flow) -> bool:
    if flow in flows:
        line, _ = draft.checked.document.place(draft.checked.original(flows[flow]))
        draft.say(path, f"{flow.source} to {flow.target} is taken, on line {line}")
    elif flow.source == flow.target:
        draft.say(path, f"{flow.source} flows to itself")
    elif back := _way(flows, flow.target, flow.source):
        around = ", ".join([*back, flow.target])
        draft.say(path, f"closes a circle: {around} (regrind that is fed back is not a flow)")
    else:
        return True
    return False


def _way(flows: Iterable[Flow], source: str, target: str) -> list[str]:
    """The cells of a way from one to the other, both ends with it; none: []."""
    following: dict[str, list[str]] = {}
    for flow in flows:
        following.setdefault(flow.source, []).append(flow.target)
    came = {source: ""}
    todo = [source]
    for at in todo:
        new = [cell for cell in following.get(at, ()) if cell not in came]
        came |= dict.fromkeys(new, at)
        todo += new
    way = [target] if target in came else []
    while way and came[way[-1]]:
        way.append(came[way[-1]])
    return way[::-1]
