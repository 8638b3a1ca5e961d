"""`lotwatch decode`: what a scan says, or why it is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from gateway.cli.output import Code, emit, stop


@click.command()
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one object a line, in order.")
def command(codes: tuple[str, ...], as_json: bool) -> None:
    """Say what each CODE identifies, or why it is refused. `-` reads one code a line from stdin.

    A CODE is what a scanner sends, with or without its symbology identifier, FNC1 as the character GS (0x1D) or, in a
    code that begins with it, as ^; or a text with application identifiers in brackets. Exit code 1 when any is refused.
    """
    from gateway.clock import SystemClock  # noqa: PLC0415 # a command loads what it needs, when it runs

    year = datetime.fromtimestamp(SystemClock().now().time_ns / 1e9, UTC).year
    refused = False
    for code in _each(codes):
        found = plain(code, year)
        refused |= not found["ok"]
        if as_json:
            emit(found)
        else:
            _show(found)
    if refused:
        stop(Code.FINDINGS)


def _each(codes: tuple[str, ...]) -> Iterator[str]:
    for code in codes:
        if code == "-":
            for line in sys.stdin.buffer:  # by line feeds only: a separator must not end a line
                yield line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        else:
            yield code


def plain(code: str, this_year: int) -> dict[str, Any]:
    """A code as JSON has it; keys that do not apply are left out. `this_year` places two-digit years."""
    from gateway.codes.dates import iso_date  # noqa: PLC0415
    from gateway.codes.understanding import Refused, understand  # noqa: PLC0415

    found = understand(code)
    if isinstance(found, Refused):
        # Bytes that are no text are among the refused: only here they need escaping.
        shown = code.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return {"input": shown, "ok": False, "error": {"code": found.code, "message": found.message}}
    expiry = found.value("17", "7003")
    unnumbered = "" if found.elements or found.epc_uri else found.text
    said = {
        "symbology": found.symbology,
        "elements": [each._asdict() for each in found.elements],
        "epc_uri": found.epc_uri,
        "tag_uri": found.tag_uri,
        "gtin": found.value("01", "02", "03", "8006", "8026")[:14],
        "serial": found.value("21", "235"),
        "lot": found.value("10") or unnumbered,
        "sscc": found.value("00"),
        "expiry": iso_date(expiry[:6], this_year) if expiry else "",
    }
    there = {key: value for key, value in said.items() if value}
    return {"input": code, "ok": True, "kind": found.kind, **there}


def _show(found: dict[str, Any]) -> None:
    shown = found["input"].encode("unicode_escape").decode("ascii")
    if not found["ok"]:
        click.echo(f"{shown}  refused ({found['error']['code']}): {found['error']['message']}")
        return
    click.echo(f"{shown}  {found['kind']}{found.get('symbology', '') and ' ' + found['symbology']}")
    for element in found.get("elements", []):
        click.echo(f"  ({element['ai']:<4}) {element['title']:<24} {element['value']}")
    for key in ("epc_uri", "tag_uri", "lot", "expiry"):
        if key in found:
            click.echo(f"  {key:<31} {found[key]}")
