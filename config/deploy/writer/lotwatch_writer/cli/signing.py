"""`lotwatch-writer propose`, `approve`, `withdraw`: what a person signs with the key in their file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import Code, emit, say
from gateway.proof.note import SigningKey
from gateway.serving.keys import NoSuchKey, read
from lotwatch_writer.book import Verdict
from lotwatch_writer.cli.common import Stop, asked, asking
from lotwatch_writer.notes import signed

_SAYS = {
    Verdict.WRITTEN: "written: the device holds {read:g} {uom}",
    Verdict.DIFFERS: "NOT as asked: the device said yes and holds {read} {uom}",
    Verdict.NOT_SEEN: "NOT seen: the device gave no answer and holds {read} {uom}; it is not known whether it still "
    "takes what was sent; nothing is sent again",
    Verdict.NOT_WRITTEN: "NOT written ({answer}): the device holds {read} {uom}",
    Verdict.UNKNOWN: "NOT KNOWN whether it was written ({answer}), and the device cannot be read: {why}; it is read "
    "before anything else is written there",
}


def signing(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that signs."""
    for option in (
        click.option(
            "--key", "file", type=click.Path(path_type=Path), required=True, metavar="FILE",
            envvar="LOTWATCH_KEY", help="Your signing key, of `lotwatch user key`.",
        ),
        click.option(
            "--operator", required=True, metavar="N", envvar="LOTWATCH_OPERATOR", help="Your operator number."
        ),
    ):  # fmt: skip
        command = option(command)
    return asking(command)


def _key(file: Path, operator: str) -> SigningKey:
    try:
        return read(file, operator)
    except NoSuchKey as error:
        raise Stop(Code.USAGE, str(error)) from error


def _note(key: SigningKey, operator: str, here: dict[str, Any], do: str, **more: Any) -> str:
    try:
        return signed(key, do=do, operator=operator, challenge=here["challenge"], list=here["list"], **more)
    except ValueError as error:
        raise Stop(Code.USAGE, str(error)) from error


@click.command(context_settings={"ignore_unknown_options": True})  # -5 is a value
@click.argument("tag")
@click.argument("value", type=float)
@click.option("--reason", required=True, help="Why; the second person and the audit read it.")
@signing
def propose(
    tag: str, value: float, reason: str, file: Path, operator: str, place: Path, *, as_json: bool
) -> None:
    """Propose that VALUE be written to TAG; somebody else approves it in time, or it lapses."""
    key, here = _key(file, operator), asked(place)
    [uom] = [each["uom"] for each in here["setpoints"] if each["tag"] == tag] or [""]
    if not uom:
        raise Stop(Code.FINDINGS, f"{tag} is not in the list; lotwatch-writer status shows what is")
    said = asked(place, _note(key, operator, here, "propose", tag=tag, value=value, uom=uom, reason=reason))
    if as_json:
        emit({key_: said[key_] for key_ in ("proposal", "row", "within_s")})
        return
    click.echo(said["proposal"][:12])
    short = said["proposal"][:12]
    say(
        f"lotwatch-writer: {tag} = {value:g} {uom} waits {said['within_s']} s for somebody else to approve {short}"
    )


def _found(here: dict[str, Any], proposal: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [each for each in here["open"] if each["proposal"].startswith(proposal)]
    if len(proposal) < 6 or len(found) != 1:
        raise Stop(Code.FINDINGS, f"{proposal}: no proposal that waits; lotwatch-writer status shows them")
    return found[0]


@click.command()
@click.argument("proposal")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@signing
def approve(proposal: str, file: Path, operator: str, place: Path, *, yes: bool, as_json: bool) -> None:
    """Approve PROPOSAL of somebody else: it is written at once, read back, and said how it went."""
    key, here = _key(file, operator), asked(place)
    each = _found(here, proposal)
    what = f"{each['tag']} = {each['value']:g} {each['uom']}, proposed by operator {each['by']}: {each['reason']}"
    if not yes:
        click.confirm(f"Write {what}?", abort=True, err=True)
        here = asked(place)  # people take their time, and a challenge lasts some minutes
    more = {"proposal": each["proposal"], "tag": each["tag"], "value": each["value"], "uom": each["uom"]}
    said = asked(place, _note(key, operator, here, "approve", **more))
    verdict = Verdict(said["verdict"])
    if as_json:
        emit(
            {key_: said[key_] for key_ in ("row", "tag", "value", "uom", "answer", "read", "verdict", "why")}
        )
    else:
        click.echo(f"{each['tag']}: {_SAYS[verdict].format(**said)}")
    if verdict != Verdict.WRITTEN:
        raise SystemExit(int(Code.TRY_LATER if verdict == Verdict.UNKNOWN else Code.FINDINGS))


@click.command()
@click.argument("proposal")
@signing
def withdraw(proposal: str, file: Path, operator: str, place: Path, *, as_json: bool) -> None:
    """Take PROPOSAL back, your own or another's: everybody of the list may."""
    key, here = _key(file, operator), asked(place)
    each = _found(here, proposal)
    said = asked(place, _note(key, operator, here, "withdraw", proposal=each["proposal"]))
    if as_json:
        emit({key_: said[key_] for key_ in ("proposal", "tag")})
        return
    click.echo(f"{each['tag']}: withdrawn")
