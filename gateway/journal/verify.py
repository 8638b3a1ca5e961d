"""Is a journal or replica what was committed: every record against its leaf, leaves against signed heads.

Rule: nothing that can be computed is believed. What a table says about a record is compared with the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gateway.journal.blocks import Block
from gateway.journal.errors import JournalError
from gateway.journal.intervals import IntervalSet
from gateway.journal.ledgerview import KeptHead
from gateway.journal.reader import JournalReader
from gateway.journal.verifyrows import rows_wrong
from gateway.proof.checkpoint import verified
from gateway.proof.head import Head
from gateway.proof.leaf import Leaf
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import PublicKey
from gateway.proof.tiles import Growing

FINDINGS_MOST = 1_000  # a journal that is somebody else's differs in every block
_AT_ONCE = 500


@dataclass(slots=True)
class Verdict:
    """What was found."""

    origin: str
    replica: bool
    leaves: int = 0
    begins: tuple[int, int] = (0, 0)  # inputs and events that were there before the ledger began: in no leaf
    inputs: int = 0  # compared with their leaves
    events: int = 0
    removed: int = 0  # readings that retention took: their leaf is there, they are not
    missing: int = 0  # of a replica: records that have not come
    heads: int = 0  # with a good signature, and the root of these leaves
    head: int = 0  # size of the largest of them
    after: int = 0  # leaves after it: nobody outside vouches for those yet
    findings: list[str] = field(default_factory=list)

    def found(self, what: str) -> None:
        if len(self.findings) < FINDINGS_MOST:
            self.findings.append(what)


def verify(
    reader: JournalReader,
    key: PublicKey | None,
    kept: Head | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Everything of one journal or replica. `kept`: a head that was kept elsewhere. `step` hears of leaves done."""
    ledger = reader.ledger
    verdict = Verdict(ledger.origin, reader.replica, ledger.size())
    heads = {head.size: head for head in ledger.heads()}
    roots = _tree(reader, verdict, {*heads, *([kept.size] if kept else [])})
    _heads(verdict, heads, roots, key)
    if kept is not None:
        _kept(verdict, kept, roots)
    _blocks(reader, verdict, step)
    _ends(reader, verdict)
    for words in rows_wrong(reader.folder):
        verdict.found(words)
    for alarm in ledger.alarms():
        verdict.found(f"the witness found: {alarm.kind}: {alarm.detail}")
    return verdict


def _tree(reader: JournalReader, verdict: Verdict, sizes: set[int]) -> dict[int, bytes]:
    """Leaves follow each other, nodes are theirs; the root at each of these sizes."""
    ledger, tree, before = reader.ledger, Growing(), None
    roots = {0: tree.root()}
    nodes = ledger.nodes()
    for leaf in _leaves(reader, verdict.leaves):
        if leaf.n != tree.size:
            verdict.found(f"leaf {tree.size} is not there")
            return roots
        if leaf.n == 0:
            verdict.begins = (leaf.inputs.last, leaf.events.last)
        elif before is not None and not leaf.follows(before):
            verdict.found(f"leaf {leaf.n} does not follow the one before: a record was taken out or put in")
        for level, index, made in tree.append(leaf.hash(ledger.origin)):
            if nodes.pop((level, index), None) != made:
                verdict.found(f"node {index} of level {level} is not that of its leaves")
        before = leaf
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    if tree.size < verdict.leaves:
        verdict.found(f"leaves from {tree.size} on are not there")
    if nodes:
        verdict.found(f"{len(nodes)} nodes are of no leaves")
    return roots


def _leaves(reader: JournalReader, size: int) -> Iterator[Leaf]:
    for first in range(0, size, _AT_ONCE):
        yield from reader.ledger.leaves(first, min(first + _AT_ONCE, size))


def _heads(
    verdict: Verdict, heads: dict[int, KeptHead], roots: dict[int, bytes], key: PublicKey | None
) -> None:
    for size, each in sorted(heads.items()):
        if key is None:
            verdict.found("there are signed heads, and no key to verify them with: name one with --key")
            return
        try:
            head = verified(each.note, key)
        except ProofWrong as error:
            verdict.found(f"the head of {size} leaves: {error}")
            continue
        if head.size != size or head.origin != verdict.origin:
            verdict.found(f"the head of {size} leaves is one of {head.size} leaves of {head.origin}")
        elif _fits(verdict, head, roots, "the head"):
            verdict.heads += 1
            verdict.head = size
    verdict.after = verdict.leaves - verdict.head


def _kept(verdict: Verdict, kept: Head, roots: dict[int, bytes]) -> None:
    if kept.origin != verdict.origin:
        verdict.found(f"the head that was kept is of {kept.origin}, not of {verdict.origin}")
    else:
        _fits(verdict, kept, roots, "the head that was kept,")


def _fits(verdict: Verdict, head: Head, roots: dict[int, bytes], words: str) -> bool:
    if head.size > verdict.leaves:
        verdict.found(
            f"{words} of {head.size} leaves: only {verdict.leaves} are here: the rest was taken away"
        )
        return False
    if roots.get(head.size) != head.root:
        verdict.found(f"{words} of {head.size} leaves has another root: something before it was changed")
        return False
    return True


def _blocks(reader: JournalReader, verdict: Verdict, step: Callable[[int], None]) -> None:
    gone = IntervalSet.of((int(str(gap["first_seq"])), int(str(gap["last_seq"]))) for gap in reader.gaps())
    told: set[str] = set()
    for block in reader.ledger.blocks(1, verdict.leaves):
        step(block.leaf.n)
        for words in block.trouble:
            if words not in told:
                told.add(words)
                verdict.found(words)
        wrong = block.wrong()
        if not wrong:
            verdict.inputs += block.leaf.inputs.size
            verdict.events += block.leaf.events.size
            continue
        _differs(verdict, block, wrong, gone)


def _differs(verdict: Verdict, block: Block, wrong: list[str], gone: IntervalSet) -> None:
    """A block that does not give its leaf: what it lacks may have gone in good order, or not have come yet."""
    leaf, (inputs, events) = block.leaf, block.held()
    lacking = (leaf.inputs.size - inputs, leaf.events.size - events)
    here = {seq for seq, _ in block.inputs} | {int(seq) for _, rows in block.columns for seq in rows.seq}
    away = [seq for seq in range(leaf.inputs.first, leaf.inputs.last + 1) if seq not in here]
    if wrong == ["readings"] and away and all(seq in gone for seq in away):
        verdict.removed += len(away)
        verdict.inputs += leaf.inputs.size - len(away)
        verdict.events += leaf.events.size
    elif verdict.replica and max(lacking) > 0 and min(lacking) >= 0:
        verdict.missing += sum(lacking)
    else:
        where = f"input {leaf.inputs.first} to {leaf.inputs.last}, event {leaf.events.first} to {leaf.events.last}"
        verdict.found(f"leaf {leaf.n} ({where}): its {' and '.join(wrong)} are not what was committed")


def _ends(reader: JournalReader, verdict: Verdict) -> None:
    """No records before the first and, in a journal, none after the last leaf."""
    try:
        last = reader.last()
    except JournalError as error:
        verdict.found(str(error))
        return
    leaves = reader.ledger.leaves(max(verdict.leaves - 1, 0), verdict.leaves)
    ends = (leaves[0].inputs.last, leaves[0].events.last) if leaves else (0, 0)
    for stream, end, newest in (("input", ends[0], last.input), ("event", ends[1], last.event)):
        if newest > end and not verdict.replica and leaves:
            verdict.found(f"{stream}s {end + 1} to {newest} are in no leaf: they were put in")
        if newest < end and not verdict.replica:
            verdict.found(f"{stream}s {newest + 1} to {end} are not there")
