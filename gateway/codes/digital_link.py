"""GS1 Digital Link addresses: key and qualifiers in the path, attributes in the query, on any domain. Pure.

Source: GS1 Digital Link Standard: URI Syntax, 1.6, sections 4 and 5; which identifier plays which part stands in
`gs1_table`. The key is the last pair of the path whose identifier is a primary key; pairs behind it are its qualifiers,
in the order of the standard; what stands before it is the domain's own. Values are percent-encoded. A query may hold
attributes (identifiers that the dictionary marks so) and anything whose name is not a number, which is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote_to_bytes

from gateway.codes.companions import fit_together
from gateway.codes.gs1_rules import Rule, element, rules
from gateway.codes.words import CodeRefused, Element, shown

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9._~:\[\]-]+(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL
)
_NOT_IN_ADDRESSES = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
_COMPRESSED = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]{8,}")
_BETWEEN = re.compile("[&;]")
_WRONG_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SHORT_GTINS = (8, 12, 13)


def is_address(text: str) -> bool:
    """Whether the text is a web address."""
    return text[:4].lower() == "http" and "://" in text[4:8]


def from_link(text: str) -> tuple[Element, ...]:
    """The elements of a Digital Link: key, qualifiers, attributes as they come. Raises CodeRefused.

    >>> [f"{each.ai}={each.value}" for each in from_link("https://example.com/some/01/9506000134352/10/A%2F1?17=281231")]
    ['01=09506000134352', '10=A/1', '17=281231']
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or _NOT_IN_ADDRESSES.search(text):
        raise CodeRefused("link", "this is no web address")
    path, query = (found[1] or "").split("/")[1:], found[2] or ""
    at = _key_at(path)
    elements = [*_of_path(path[at:]), *_of_query(query, path[at:])]
    if len({each.ai for each in elements}) < len(elements):
        raise CodeRefused("repeated_ai", "this Digital Link says an identifier twice")
    fit_together(elements)
    return tuple(elements)


def to_link(elements: Sequence[Element], stem: str = "https://id.gs1.org") -> str:
    """The Digital Link of elements whose first is a primary key, on a domain; the canonical one by default.

    >>> to_link((Element("01", "GTIN", "09506000134352"), Element("21", "SERIAL", "a/1"), Element("17", "", "281231")))
    'https://id.gs1.org/01/09506000134352/21/a%2F1?17=281231'
    """
    key, said = rules()[elements[0].ai], {each.ai: each.value for each in elements}
    sequences = key.qualifiers
    if sequences is None:
        raise ValueError(f"({key.ai}) {key.title} is no primary key of a Digital Link")
    order = max(sequences, key=lambda each: len(said.keys() & set(each)))
    in_path = [key.ai, *(ai for ai in order if ai in said)]
    path = "".join(f"/{ai}/{quote(said[ai], safe='')}" for ai in in_path)
    query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in said.items() if ai not in in_path)
    return f"{stem}{path}{query and '?'}{query}"


def _key_at(path: list[str]) -> int:
    """Where the primary key begins. Raises CodeRefused."""
    known = rules()
    for at in range(len(path) - 2, -1, -2):
        rule = known.get(path[at])
        if rule is None:
            break
        if rule.qualifiers is not None:
            return at
    if path and _COMPRESSED.fullmatch(path[-1]):
        raise CodeRefused("link_compressed", "a compressed Digital Link, or an address without a GS1 key")
    raise CodeRefused("link", "this web address holds no GS1 key, so it is no Digital Link")


def _of_path(pairs: list[str]) -> Iterator[Element]:
    known = rules()
    key = known[pairs[0]]
    yield element(key, _long_gtin(key.ai, _decoded(pairs[1])))
    said = tuple(pairs[2::2])
    if said and not any(_in_order(said, sequence) for sequence in key.qualifiers or ()):
        _misplaced(key, said)
    for ai, value in zip(said, pairs[3::2], strict=True):
        yield element(known[ai], _decoded(value))


def _of_query(query: str, pairs: list[str]) -> Iterator[Element]:
    known, said = rules(), tuple(pairs[2::2])
    open_ones = [each for each in known[pairs[0]].qualifiers or () if _in_order(said, each)]
    for name, value in _numbered(query):
        rule = known.get(name)
        if rule is None:
            raise CodeRefused("unknown_ai", f"{shown(name)} is not an application identifier")
        if not rule.attribute or any(name in each for each in open_ones):
            raise CodeRefused(
                "link", f"({name}) {rule.title} must not stand in the query of this Digital Link"
            )
        yield element(rule, _long_gtin(name, _decoded(value.replace("+", " "))))


def _in_order(said: Sequence[str], sequence: Sequence[str]) -> bool:
    rest = iter(sequence)
    return all(ai in rest for ai in said)


def _misplaced(key: Rule, said: Sequence[str]) -> None:
    taken = " or ".join(
        "".join(f"({ai})" for ai in sequence) for sequence in key.qualifiers or () if sequence
    )
    wanted = f"in this order: {taken}" if taken else "no qualifier"
    got = "".join(f"({ai})" for ai in said)
    raise CodeRefused("link", f"behind ({key.ai}) {key.title} a path takes {wanted}; not {got}")


def _numbered(query: str) -> Iterator[tuple[str, str]]:
    """Names of digits and their values."""
    for pair in _BETWEEN.split(query) if query else ():
        name, _, value = pair.partition("=")
        if name.isascii() and name.isdigit():
            yield name, value


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    if _WRONG_PERCENT.search(text):
        raise CodeRefused("link", f"{shown(text)} is not percent-encoded rightly")
    return unquote_to_bytes(text).decode("latin-1")


def _long_gtin(ai: str, value: str) -> str:
    return value.zfill(14) if ai == "01" and len(value) in _SHORT_GTINS else value
