"""`lotwatch recall`: who holds a lot, as one file that a stranger can verify offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.stored import lot_named, opened
from gateway.clock import SystemClock
from gateway.journal import JournalReader

LEAST = 0.001


@click.command()
@click.argument("code")
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The package; what was there is replaced.",
)
@click.option(
    "--min-share",
    "least",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=LEAST,
    show_default=True,
    help="Only lots whose mass it is this share of, or more.",
)
@click.option(
    "--pdf",
    "paper",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The summary on paper, too.",
)
@click.option(
    "--drill", is_flag=True, help="A mock recall: the journal records how long it took and what it found."
)
@click.option("--operator", metavar="N", envvar="LOTWATCH_OPERATOR", help="Of a drill: your operator number.")
@click.option(
    "--accept-clock",
    is_flag=True,
    envvar="LOTWATCH_ACCEPT_CLOCK",
    help="Of a drill: vouch for this machine's wall clock, where no daemon runs that does.",
)
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(  # noqa: PLR0917 # as many as there are options
    code: str,
    file: Path,
    least: float,
    paper: Path | None,
    drill: bool,
    operator: str | None,
    accept_clock: bool,
    data: Path,
    as_json: bool,
) -> None:
    """Find every box, pallet and shipment that holds the lot in CODE, and write it down with its proof.

    FILE has the answer, the EPCIS events of these lots, the records that the answer follows from, their place in the
    ledger and its signed head. Exit code 1 when no lot has the code or nothing can be proven.
    """
    from gateway.recall.build import CannotRecall, build  # noqa: PLC0415 # for this one only
    from gateway.recall.hurry import in_a_hurry  # noqa: PLC0415
    from gateway.recall.package import package_bytes  # noqa: PLC0415
    from gateway.recall.pdf import pdf  # noqa: PLC0415
    from gateway.recall.summary import lines  # noqa: PLC0415

    began = monotonic()
    if drill and not operator:
        raise Exit(Code.USAGE, "a drill is a record, and somebody's: say who you are with --operator N")
    with in_a_hurry(), opened(data) as readers:
        if drill and (len(readers) > 1 or readers[0].replica):
            raise Exit(
                Code.USAGE, f"{data}: replicas only copy: a drill is recorded at the gateway, on its journal"
            )
        lot = lot_named(code, readers)
        now_ns = SystemClock().now().time_ns
        try:
            plain = build(readers, lot, code, least=least, made_ns=now_ns)
        except CannotRecall as error:
            raise Exit(Code.FINDINGS, str(error)) from error
        plain["epcis"] = epcis_of(data, plain, now_ns)
        plain["summary"] = "\n".join(lines(plain))
        if drill:
            plain["drill"] = True
        _write(file, package_bytes(plain))
        if paper is not None:
            _write(paper, pdf(f"Recall of {lot}", lines(plain, len(plain["answer"]["lots"]))))
    seconds = monotonic() - began
    told = _told(plain, file, seconds, readers)
    if drill:
        told["drill"] = _record(data, told, operator or "", accept_clock=accept_clock)
    if as_json:
        emit(told)
        return
    click.echo(plain["summary"])
    say(
        f"{file}: {file.stat().st_size} bytes in {seconds:.1f} s" + (", recorded as a drill" if drill else "")
    )


def epcis_of(data: Path, plain: dict[str, Any], now_ns: int) -> Any:
    """The EPCIS document of the lots in the answer, as JSON that is written as it is."""
    import orjson  # noqa: PLC0415

    from gateway.cli.stored import FOREVER  # noqa: PLC0415
    from gateway.epcis.documents import document_pieces  # noqa: PLC0415
    from gateway.repository import Repository  # noqa: PLC0415

    lots = [plain["lot"], *(row["lot"] for row in plain["answer"]["lots"])]
    with Repository(data) as repository:
        return orjson.Fragment(b"".join(document_pieces(repository.events(*FOREVER, lots), now_ns)).strip())


def _told(
    plain: dict[str, Any], file: Path, seconds: float, readers: Sequence[JournalReader]
) -> dict[str, Any]:
    totals = plain["answer"]["totals"]
    boxes = totals.get("box", {"count": 0, "kg": 0.0, "held_kg": [0.0, 0.0]})
    return {
        "lot": plain["lot"],
        "file": str(file),
        "bytes": file.stat().st_size,
        "seconds": round(seconds, 3),
        "lots": len(plain["answer"]["lots"]),
        "boxes": boxes["count"],
        "shipments": totals.get("shipment", {"count": 0})["count"],
        "kilograms": boxes["kg"],
        "held_kg": {"low": boxes["held_kg"][0], "high": boxes["held_kg"][1]},
        "totals": totals,
        "records": len(plain["records"]),
        "journals": [reader.ledger.origin for reader in readers],
    }


def _record(data: Path, told: dict[str, Any], operator: str, *, accept_clock: bool) -> int:
    """The drill's own record; its number."""
    from gateway.cli.entering import entered  # noqa: PLC0415

    body = {name: told[name] for name in ("lot", "seconds", "lots", "boxes", "kilograms")}
    seq, _ = entered(data, "drill", operator, body, accept_clock=accept_clock)
    return seq


def _write(file: Path, data: bytes) -> None:
    half = file.with_name(f".{file.name}.new")
    try:
        half.write_bytes(data)
        half.replace(file)
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {error.strerror}") from error
