"""`lotwatch decode`: what a scan says, or why it is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedReader
from typing import Any, cast

import click
import orjson

from gateway.cli.output import Code, stop

_CHUNK = 1 << 16


@click.command()
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one object a line, in order.")
def command(codes: tuple[str, ...], as_json: bool) -> None:
    """Say what each CODE identifies, or why it is refused. `-` reads one code a line from stdin.

    A CODE is what a scanner sends, with or without its symbology identifier, FNC1 as the character GS (0x1D) or, in a
    code that begins with it, as ^; a text with application identifiers in brackets; a GS1 Digital Link; the memory of
    an RFID tag in hexadecimal digits; or an EPC URI. Exit code 1 when any is refused.
    """
    from gateway.clock import SystemClock  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.codes.plainly import plainly  # noqa: PLC0415

    year = datetime.fromtimestamp(SystemClock().now().time_ns / 1e9, UTC).year
    refused = False
    for batch in _batches(codes):
        answers = [plainly(code, year) for code in batch]
        refused |= not all(answer["ok"] for answer in answers)
        if as_json:
            sys.stdout.buffer.write(b"".join(orjson.dumps(answer) + b"\n" for answer in answers))
            sys.stdout.flush()
        else:
            click.echo("\n".join(map(_shown, answers)))
    if refused:
        stop(Code.FINDINGS)


def _batches(codes: tuple[str, ...]) -> Iterator[list[str]]:
    """Codes to be answered at once: of stdin those that came together, so that nobody waits and many are fast."""
    for code in codes:
        if code != "-":
            yield [code]
            continue
        given, begun = cast(BufferedReader, sys.stdin.buffer), b""
        while chunk := given.read1(_CHUNK):
            *lines, begun = (begun + chunk).split(
                b"\n"
            )  # by line feeds only: a separator must not end a line
            if lines:
                yield list(map(_text, lines))
        if begun:
            yield [_text(begun)]


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "surrogateescape")


def _shown(found: dict[str, Any]) -> str:
    """For people."""
    shown = found["input"].encode("unicode_escape").decode("ascii")
    if not found["ok"]:
        return f"{shown}  refused ({found['error']['code']}): {found['error']['message']}"
    lines = [f"{shown}  {found['kind']}{found.get('symbology', '') and ' ' + found['symbology']}"]
    lines += [
        f"  ({each['ai']:<4}) {each['title']:<24} {each['value']}" for each in found.get("elements", [])
    ]
    lines += [f"  {key:<31} {found[key]}" for key in ("epc_uri", "tag_uri", "lot", "expiry") if key in found]
    return "\n".join(lines)
