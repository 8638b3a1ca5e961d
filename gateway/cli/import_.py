"""`lotwatch import`: what others know, out of files into a journal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np

from gateway.cli.genealogyfile import read_graph
from gateway.cli.importepcis import epcis
from gateway.cli.importorders import orders
from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, paced
from gateway.cli.stored import refusal
from gateway.clock import SystemClock
from gateway.genealogy import EXACT, Vector, check, mix, source, to_composition
from gateway.genealogy.graph import AGGREGATED, GROUND, MIXING, Graph
from gateway.journal import Journal, JournalError, JournalReader
from gateway.journal.database import NAME
from gateway.journal.errors import JournalForeign, JournalMissing
from gateway.journal.signer import sign_now
from gateway.model import Block, Ingredient, LotMade, NumberedEvent

_LOTS_A_BLOCK = 1_000


@click.group()
def command() -> None:
    """Bring what others know into a journal."""


command.add_command(epcis)
command.add_command(orders)


@command.command()
@click.argument("nodes", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("edges", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option("The journal to add to; made where there is none.")
@click.option("--site", default="imported", show_default=True, help="Of a journal that is made: its site.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def genealogy(nodes: Path, edges: Path, data: Path, site: str, as_json: bool) -> None:
    """Load a plant's history by mass: lots, and the kilograms that went from one into another.

    NODES has the columns lot, kind, kg and closed_at, EDGES from, to, kg and sigma_kg. All of it is taken, or at the
    first row that cannot be nothing: code 2 and FILE:LINE: what.
    """
    try:
        who, taken = _there(data, site)
        graph = read_graph(nodes, edges, taken)
        with _opened(data, *who) as journal:
            first = journal.last().event + 1
            blocks = _blocks(graph, first)
            count = len(graph) // _LOTS_A_BLOCK + 1
            journal.take_in(paced(blocks, "composing", count))
            sign_now(journal, SystemClock(), _Entropy())
            identity = journal.identity
    except JournalError as error:
        raise refusal(error) from error
    said = {"lots": len(graph), "edges": len(graph.parent), "sources": len(graph.sources)}
    if as_json:
        emit({"data": str(data), "site": identity.site, "gateway": identity.gateway, **said})
        return
    click.echo(f"{data}: {said['lots']} lots, {said['sources']} of them sources, and {said['edges']} edges")


def _there(data: Path, site: str) -> tuple[tuple[str, str], Callable[[str], bool]]:
    """Whose journal is in the folder, and the lots that it has; a new one will be the site's."""
    if not (data / NAME).is_file() and [*data.glob(f"*/{NAME}"), *data.glob(f"*/*/{NAME}")]:
        raise Exit(Code.USAGE, f"{data}: a folder of replicas: name a journal, or an empty folder")
    try:
        with JournalReader(data) as reader:
            if reader.replica:
                raise JournalForeign(f"{data}: a replica: import at the gateway, whose journal it copies")
            known = frozenset(reader.made.names())
            return (reader.identity.site, reader.identity.gateway), known.__contains__
    except JournalMissing:
        return (site, "import"), frozenset[str]().__contains__


def _opened(data: Path, site: str, gateway: str) -> Journal:
    return Journal.open(data, site=site, gateway=gateway, clock=SystemClock(), entropy=_Entropy())


class _Entropy:
    """Of the system: for the name of a new journal's epoch."""

    def token(self, nbytes: int) -> bytes:
        return secrets.token_bytes(nbytes)

    def uniform(self) -> float:
        return secrets.randbits(53) / 2**53


def _blocks(graph: Graph, first: int) -> Iterator[Block]:
    events: list[NumberedEvent] = []
    for seq, made in enumerate(lots_made(graph), first):
        events.append(NumberedEvent(seq, 0, made))
        if len(events) == _LOTS_A_BLOCK:
            yield Block((), tuple(events))
            events = []
    yield Block((), tuple(events))


def lots_made(graph: Graph) -> Iterator[LotMade]:
    """Every lot in the order of making, with its composition; one is forgotten when its last child has it."""
    waiting = np.bincount(graph.parent, minlength=len(graph)).tolist()
    vectors: dict[int, Vector] = {}
    start, kg = graph.start.tolist(), graph.kg.tolist()
    parents, weights, sigmas = graph.parent.tolist(), graph.edge_kg.tolist(), graph.edge_sigma.tolist()
    kinds, flags, times = graph.kind.tolist(), graph.flags.tolist(), graph.closed_ns.tolist()
    mixing = [MIXING[code] for code in graph.mixing.tolist()]
    for lot, name in enumerate(graph.names):
        edges = range(start[lot], start[lot + 1])
        ground = bool(flags[lot] & GROUND)
        if not edges:
            vector = source(name, float(graph.recycled[lot]), float(graph.recycled_sigma[lot]))
        elif len(edges) == 1 and not ground:
            vector = vectors[parents[edges[0]]]
        else:
            vector = mix(
                [(vectors[parents[edge]], weights[edge], sigmas[edge], mixing[edge]) for edge in edges],
                ground=ground,
            )
        if not check(vector) <= EXACT:
            raise Exit(Code.FINDINGS, f"{name}: its shares do not sum to 1: nothing was imported; report it")
        if waiting[lot]:
            vectors[lot] = vector
        for edge in edges:
            waiting[parents[edge]] -= 1
            if not waiting[parents[edge]]:
                vectors.pop(parents[edge], None)
        yield LotMade(
            times[lot],
            name,
            graph.kinds[kinds[lot]],
            "",
            kg[lot],
            float(np.hypot.reduce([sigmas[edge] for edge in edges])) if edges else 0.0,
            tuple(
                Ingredient(graph.names[parents[edge]], weights[edge], sigmas[edge], mixing[edge])
                for edge in edges
            ),
            to_composition(vector),
            aggregated=bool(flags[lot] & AGGREGATED),
            ground=ground,
        )
