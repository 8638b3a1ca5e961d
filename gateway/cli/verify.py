"""`lotwatch verify`: whether a journal, a replica or a recall package is what was committed and signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import Code, Exit, emit, stop
from gateway.cli.stored import opened, refusal
from gateway.journal.errors import JournalError
from gateway.journal.verify import Verdict, verify
from gateway.proof.checkpoint import claimed, verified
from gateway.proof.head import Head
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import NoKey, PublicKey

_SHOWN = 50


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--head",
    "head_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere: what is before it must be as it was then.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="PUB",
    help="The public key of a box: its line, or a file with it (ledger.pub); may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(path: Path, head_file: Path | None, keys: tuple[str, ...], *, as_json: bool) -> None:
    """Check PATH, a journal, a folder of replicas or a recall package, against its ledger. No network is needed.

    Before the last head that somebody else holds, tampering is found; after it, the owner of the box can still write
    another past. Exit code 1 when something is not what it was.
    """
    known = [key_of(key) for key in keys]
    if path.is_file():
        if head_file is not None:
            raise Exit(Code.USAGE, "a recall package has its own heads: --head is for a journal or replicas")
        _package(path, known, as_json=as_json)
        return
    kept = head_of(head_file, known) if head_file is not None else None
    verdicts = []
    with opened(path) as readers:
        for reader in readers:
            try:
                key = _of(reader.ledger.origin, known) or reader.ledger.key()
                wanted = (
                    kept if kept is None or kept.origin == reader.ledger.origin or len(readers) == 1 else None
                )
                verdicts.append(verify(reader, key, wanted))
            except JournalError as error:
                raise refusal(error) from error
    if kept is not None and kept.origin not in {each.origin for each in verdicts} and len(verdicts) > 1:
        raise Exit(Code.FINDINGS, f"{head_file}: a head of {kept.origin}, which is not here")
    if as_json:
        emit({"ok": not any(each.findings for each in verdicts), "at": [_plain(each) for each in verdicts]})
    else:
        for each in verdicts:
            click.echo("\n".join(_lines(each, kept)))
    stop(Code.FINDINGS if any(each.findings for each in verdicts) else Code.OK)


def _package(file: Path, keys: Sequence[PublicKey], *, as_json: bool) -> None:
    from gateway.recall.check import check  # noqa: PLC0415 # for this one only
    from gateway.recall.hurry import in_a_hurry  # noqa: PLC0415

    try:
        with in_a_hurry():
            found = check(file.read_bytes(), keys)
    except ProofWrong as error:
        if as_json:
            emit({"ok": False, "findings": [str(error)]})
        else:
            click.echo(f"{file}: NOT verified: {error}")
        stop(Code.FINDINGS)
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {error.strerror}") from error
    whose = [key.split("+")[0] for key in found.keys]
    if as_json:
        told = {
            "ok": True,
            "lot": found.lot,
            "records": found.records,
            "journals": whose,
            "key_given": found.trusted,
        }
        emit({**told, "totals": found.answer["totals"], "lots": len(found.answer["lots"])})
        return
    click.echo(
        f"{file}: verified: {len(found.answer['lots'])} lots hold {found.lot}, by {found.records} records of"
    )
    for key in found.keys:
        click.echo(f"  {key}")
    if not found.trusted:
        click.echo("The keys are the package's own: hold them against those of the boxes, with --key.")


def key_of(said: str) -> PublicKey:
    try:
        text = Path(said).read_text("ascii", "replace") if "+" not in said else said
        return PublicKey.of_line(text)
    except NoKey as error:
        raise Exit(Code.USAGE, f"--key {said}: {error}") from error
    except OSError as error:
        raise Exit(Code.USAGE, f"--key {said}: {error.strerror}") from error


def _of(origin: str, keys: Sequence[PublicKey]) -> PublicKey | None:
    return next((key for key in keys if key.name == origin), keys[0] if len(keys) == 1 else None)


def head_of(file: Path, keys: Sequence[PublicKey]) -> Head:
    """A head that was kept: its holder vouches for it, and with a key its signature does, too."""
    try:
        note = file.read_text("utf-8", "replace")
        head = claimed(note)
        key = _of(head.origin, keys)
        return verified(note, key) if key is not None else head
    except ProofWrong as error:
        raise Exit(Code.FINDINGS, f"{file}: {error}") from error
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {error.strerror}") from error


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "begins": {"input": verdict.begins[0], "event": verdict.begins[1]}}


def _lines(verdict: Verdict, kept: Head | None) -> list[str]:
    what = "replica" if verdict.replica else "journal"
    out = [f"{verdict.origin}: a {what} with {verdict.leaves} leaves"]
    out.append(f"  {verdict.inputs} inputs and {verdict.events} events are as they were committed")
    if verdict.begins != (0, 0):
        out.append(
            f"  {verdict.begins[0]} inputs and {verdict.begins[1]} events are older than the ledger: not proven"
        )
    if verdict.removed:
        out.append(f"  {verdict.removed} readings were removed by retention; their leaves are here")
    if verdict.missing:
        out.append(f"  {verdict.missing} records have not come here yet")
    if verdict.heads:
        out.append(
            f"  {verdict.heads} signed heads fit; the last covers {verdict.head} leaves, {verdict.after} came after"
        )
    else:
        out.append("  no signed head is here: only the leaves vouch for the records")
    if kept is not None and not verdict.findings:
        out.append(f"  nothing before the kept head of {kept.size} leaves was changed")
    out += [f"  FOUND: {finding}" for finding in verdict.findings[:_SHOWN]]
    if len(verdict.findings) > _SHOWN:
        out.append(f"  ... and {len(verdict.findings) - _SHOWN} more")
    return out
