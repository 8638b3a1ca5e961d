"""Verify a lotwatch recall package: python3 verify_recall.py FILE [KEY ...]; exit 0 when it holds, 1 when not.

Stands alone: Python's standard library, and `cryptography` for one Ed25519 signature per journal. Read it: it is all
there is to trust. KEY is a box's public key, the line in its `ledger.pub`. Without one the package's own keys are used,
and only say that whoever has those keys signed it. Format: docs/reference/recall.md. Trees: RFC 9162, section 2.1.
"""

import base64
import hashlib
import json
import math
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)  # of what is no package


def need(holds, why):
    if not holds:
        raise ValueError(why)


def sha(data):
    return hashlib.sha256(data).digest()


def hashes(text):
    data = base64.b64decode(text, validate=True)
    need(len(data) % 32 == 0, "a path is not of whole hashes")
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def included(data, path, index, size, root):
    """RFC 9162, 2.1.3.2."""
    need(0 <= index < size, "an index is outside of its tree")
    at, last, made = index, size - 1, sha(b"\x00" + data)
    for other in path:
        need(last > 0, "a path is too long")
        if at & 1 or at == last:
            made = sha(b"\x01" + other + made)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            made = sha(b"\x01" + made + other)
        at, last = at >> 1, last >> 1
    need(last == 0 and made == root, "something is not in the tree that was signed")


def head(checkpoint, key):
    """Size and root of a checkpoint (C2SP tlog-checkpoint) that the key signed (C2SP signed-note)."""
    name, told, data = key.strip().split("+", 2)
    public = base64.b64decode(data, validate=True)
    need(sha(name.encode() + b"\n" + public)[:4].hex() == told, "the id of a key is not that of the key")
    text, _, line = checkpoint.rpartition("\n\n")
    need(line.startswith(f"\u2014 {name} ") and line.endswith("\n"), "a head is signed by somebody else")
    signed = base64.b64decode(line[:-1].rsplit(" ", 1)[1], validate=True)
    need(signed[:4].hex() == told, "a head is signed with another key")
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(
        signed[4:], f"{text}\n".encode()
    )  # or InvalidSignature
    origin, size, root, *_ = text.split("\n")
    need(origin == name, "a head is of another ledger than its key")
    return int(size), base64.b64decode(root, validate=True)


def leaf(data):
    """Number, (last event, events) and the root over events, of the lines of a block's leaf."""
    kind, number, _, events, *roots = data.split("\n")
    need(kind == "lotwatch/leaf/1" and events.startswith("event "), "not a leaf")
    root = [bytes.fromhex(line.split(" ")[1]) for line in roots if line.startswith("events ")]
    return int(number), tuple(map(int, events.split(" ")[1:])), root[0] if root else b""


def record(text, composition, held):
    """Bytes of a record and what they say: its composition stands apart, once for all that have it."""
    before, cut, after = text.partition('"composition":')
    told = json.loads(before + cut + "null" + after)
    need(cut and told["event"]["composition"] is None, "a record has no place for its composition")
    told["event"]["composition"] = held
    return (before + cut + composition + after).encode(), told["event"], told["seq"]


def composed(name, lot, known, memory, above=()):
    """Share of `lot` in `name`, least and most, by compositions; other sites' lots through theirs."""
    if name not in memory:
        journal, made = known[name]
        held = made["composition"]
        low, high = 0.0, max(held["rest"])
        for place, source in enumerate(held["sources"]):
            column = [row[place] for row in held["shares"]]
            other = known.get(source)
            if source == lot:
                low, high = low + min(column), high + max(column)
            elif other and other[0] != journal and other[1]["inputs"] and source not in above:
                part = composed(source, lot, known, memory, (*above, name))
                low, high = low + min(column) * part[0], high + max(column) * part[1]
        memory[name] = (low, min(1.0, high))
    return memory[name]


def mean(inputs, rows, cut):
    """Share in what was made of inputs, first-in-first-out and mixed, and at most so much more."""
    means, more = [], 0.0
    for place, other in enumerate(("mixed", "fifo")):
        edges = [edge for edge in inputs if edge.get("mixing", "") != other] or inputs
        total = sum(edge["kg"] for edge in edges)
        weighted = [(edge["kg"] / total, rows.get(edge["lot"])) for edge in edges] if total > 0 else []
        means.append(sum(weight * row[place] for weight, row in weighted if row))
        more = max(more, sum(weight * (row[2] if row else cut) for weight, row in weighted))
    return means[0], means[1], more


def walked(lot, cut, known):
    """Shares of `lot` in all others, from lot to lot by kilograms."""
    rows = {lot: (1.0, 1.0, 0.0)}
    waiting = {name: made["inputs"] for name, (_, made) in known.items() if name != lot}
    needs = {name: {e["lot"] for e in inputs if e["lot"] in waiting} for name, inputs in waiting.items()}
    after = {name: [] for name in waiting}
    for name, others in needs.items():
        [after[other].append(name) for other in others]
    ready = [name for name in waiting if not needs[name]]
    for name in ready:  # which grows
        rows[name] = mean(waiting[name], rows, cut)
        for other in after[name]:
            needs[other].discard(name)
            ready.extend([other] if not needs[other] else [])
    need(len(ready) == len(waiting), "lots go round in a circle")
    return {name: (min(a, b), min(1.0, max(a, b) + more)) for name, (a, b, more) in rows.items()}


def answered(plain, known):
    """The answer that follows from the records: by lot its share, mass and kind."""
    lot, kinds, memory = plain["lot"], plain["kinds"], {plain["lot"]: (1.0, 1.0)}
    found = {n: composed(n, lot, known, memory) for n in known if plain["basis"] == "composition"}
    found = found or walked(lot, plain["cut"], known)
    rows = {name: (found[name], *map(known[name][1].get, ("kg", "kind"))) for name in found if name != lot}
    return {name: row for name, row in rows.items() if row[2] in kinds and row[0][1] >= plain["least"]}


def alike(one, other):
    """Numbers that are equal but for rounding."""
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(one, other, strict=True))


def verify(data, keys):
    """What the package says, once all of it holds."""
    end = data.rfind(b',"sha256":"')
    whole = b',"sha256":"' + hashlib.sha256(data[:end]).hexdigest().encode() + b'"}\n'
    need(end > 0 and data[end:] == whole, "the file is not whole, or was changed")
    plain = json.loads(data)
    need(plain["format"] == "lotwatch/recall/1", "not a recall package of this format")
    need(not keys or all(each["key"] in keys for each in plain["journals"]), "signed with a key not given")
    heads = [head(each["checkpoint"], each["key"]) for each in plain["journals"]]
    leaves = []
    for each in plain["leaves"]:
        number, events, root = leaf(each["data"])
        included(each["data"].encode(), hashes(each["path"]), number, *heads[each["journal"]])
        leaves.append((each["journal"], events, root))
    known, rank, read = {}, {}, plain["basis"] == "composition"
    shared = [(text, json.loads(text) if read else None) for text in plain["compositions"]]
    for each in plain["records"]:
        journal, (last, count), root = leaves[each["leaf"]]
        data, made, number = record(each["record"], *shared[each["composition"]])
        included(data, hashes(each["path"]), each["index"], count, root)
        need(last - count < number <= last and made["is"] == "LotMade", "a record is not of its leaf")
        mine = (bool(made["inputs"]), made.get("version", 1), -journal)
        if made["lot"] not in rank or mine > rank[made["lot"]]:
            rank[made["lot"]], known[made["lot"]] = mine, (journal, made)
    found, said = answered(plain, known), plain["answer"]["lots"]
    need(sorted(row["lot"] for row in said) == sorted(found), "the answer does not follow from the records")
    totals = {}
    for row in said:
        (low, high), kg, kind = found[row["lot"]]
        more = [1, kg, low * kg, high * kg]
        follows = alike([*row["share"], row["kg"], *row["held_kg"]], [low, high, *more[1:]])
        need(row["kind"] == kind and follows, f"the share of {row['lot']} does not follow")
        totals[kind] = [a + b for a, b in zip(totals.get(kind, [0] * 4), more, strict=True)]
    sums = {k: [row["count"], row["kg"], *row["held_kg"]] for k, row in plain["answer"]["totals"].items()}
    need(sums.keys() == totals.keys() and all(alike(sums[k], totals[k]) for k in sums), "a sum is wrong")
    return plain


def main(arguments):
    try:
        with open((arguments or ["FILE"])[0], "rb") as file:
            plain = verify(file.read(), [key.strip() for key in arguments[1:]])
    except (InvalidSignature, OSError, *BROKEN) as error:
        print(f"NOT verified: {str(error) or 'the signature under a head does not fit'}")
        return 1
    totals = ", ".join(f"{row['count']} {kind}" for kind, row in plain["answer"]["totals"].items())
    print(f"verified: {plain['lot']} is in {totals or 'nothing'}; {len(plain['records'])} records")
    for journal in plain["journals"]:
        print(f"  {journal['key']}{'' if len(arguments) > 1 else '  (by the package itself)'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
